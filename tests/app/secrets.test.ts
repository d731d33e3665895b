import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { signingKey } from '../../src/app/secrets.js'

describe('the signing key', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'harta-secret-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const mode = (path: string) => statSync(path).mode & 0o777
  const bytes = async (given: string | null, dataDir: string) =>
    (await signingKey(given, dataDir)).export().toString()

  it('is the given one, and nothing is written', async () => {
    expect(await bytes('k'.repeat(32), join(folder, 'data'))).to.equal('k'.repeat(32))
    expect(() => statSync(join(folder, 'data'))).to.throw('ENOENT')
  })

  it('is made once, kept, and closed to other users of the machine', async () => {
    const dataDir = join(folder, 'deep', 'data')
    const made = await Promise.all(Array.from({ length: 8 }, () => bytes(null, dataDir)))
    expect(new Set(made).size).to.equal(1)
    expect(Buffer.byteLength(made[0] ?? '')).to.be.at.least(32)
    expect(await bytes(null, dataDir)).to.equal(made[0])
    expect(mode(dataDir)).to.equal(0o700)
    expect(mode(join(dataDir, 'jwt-secret'))).to.equal(0o600)
    expect(readdirSync(dataDir)).to.deep.equal(['jwt-secret'])
    expect(await bytes(null, join(folder, 'other'))).not.to.equal(made[0])
  })

  it('is not taken from a damaged file, which stays as it is', async () => {
    writeFileSync(join(folder, 'jwt-secret'), 'short')
    const failure = await signingKey(null, folder).catch((error: unknown) => error)
    expect(String(failure)).to.contain('damaged').and.not.contain('short')
    expect(readFileSync(join(folder, 'jwt-secret'), 'utf8')).to.equal('short')
  })
})
