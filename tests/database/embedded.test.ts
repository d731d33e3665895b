import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { type Database, openDatabase } from '../../src/database/database.js'
import { bundled, SHORT_LIVED } from '../support/bundled.js'
import { seedDataDir } from '../support/database.js'

describe('the embedded database in a folder', function () {
  this.timeout(60_000)
  let dataDir: string
  const acknowledged: string[] = []
  let database: Database
  before(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'harta-embedded-')), 'data')
    await seedDataDir(dataDir)
    for (const rows of [30, 100]) acknowledged.push(...(await writeUntilKilled(dataDir, rows)))
    database = await openDatabase({ kind: 'embedded', dataDir })
  })
  after(async () => {
    await database?.close()
    await rm(join(dataDir, '..'), { recursive: true })
  })

  it('keeps every acknowledged row when its process is killed in the middle of writing', async () => {
    expect(acknowledged.length).to.be.at.least(130)
    const found = await database.asSystem((tx) => tx.user.findMany({ select: { id: true } }))
    const ids = new Set(found.map(({ id }) => id))
    expect(acknowledged.filter((id) => !ids.has(id))).to.deep.equal([])
    // At most the one row of each run whose acknowledgement the kill overtook.
    expect(ids.size - acknowledged.length).to.be.within(0, 2)
  })

  it('is closed to other users of the machine and to a second opener', async () => {
    expect((await stat(dataDir)).mode & 0o777).to.equal(0o700)
    const second = await openDatabase({ kind: 'embedded', dataDir }).catch((error: unknown) => error)
    expect(second).to.have.property('code', 'data-dir-in-use')
  })
})

/** Runs a writer until it has acknowledged so many rows, then kills it; everything that it acknowledged. */
async function writeUntilKilled(dataDir: string, rows: number): Promise<string[]> {
  const script = bundled(new URL('../support/durable-writer.ts', import.meta.url))
  const writer = spawn(process.execPath, [SHORT_LIVED, script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(writer, 'exit')
  const ids: string[] = []
  for await (const line of createInterface({ input: writer.stdout })) {
    ids.push(line)
    if (ids.length === rows) writer.kill('SIGKILL')
  }
  expect((await ended)[1]).to.equal('SIGKILL')
  return ids.filter((id) => id.length === 36)
}
