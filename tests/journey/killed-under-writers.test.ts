import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { Asset } from '../../src/protocol/resources.js'
import { addressOf, type Program, startProgram } from '../app/process.js'
import { seedDataDir } from '../support/database.js'
import { register } from '../support/people.js'
import { all, money, startWriters, storedKeys } from '../support/restless-writers.js'

const WRITERS = 32

describe('a server that is killed under its writers', function () {
  this.timeout(120_000)
  const folder = mkdtempSync(join(tmpdir(), 'harta-killed-'))
  let program: Program | null = null
  after(async () => {
    program?.child.kill('SIGKILL')
    await program?.ended
    rmSync(folder, { recursive: true, force: true })
  })

  async function open(): Promise<string> {
    program = startProgram('all', {
      DATA_DIR: folder,
      PORT: '0',
      FEEDS: 'coinbase',
      FEED_COINBASE_URL: 'ws://127.0.0.1:9',
    })
    return addressOf(program)
  }

  it('has lost nothing that it acknowledged, and no account is off by a cent', async () => {
    await seedDataDir(join(folder, 'database'))
    let url = await open()
    const person = await register(url)
    const account = await person.own({ type: 'CASH', name: 'Account' })
    const shares = await person.own({
      type: 'STOCK',
      name: 'Shares',
      pricing: 'MANUAL',
    })
    const writers = startWriters({
      url: () => url,
      token: () => person.token,
      books: { account, shares },
      writers: WRITERS,
    })
    for (const writes of [40, 20]) {
      const before = writers.acknowledged()
      while (writers.acknowledged() < before + writes) await wait(20)
      program?.child.kill('SIGKILL')
      await program?.ended
      url = await open()
    }
    const done = await writers.stop()
    const token = person.token
    const stored = await storedKeys(url, token, { account, shares })
    expect(done.filter(({ key }) => !stored.has(key))).to.deep.equal([])
    expect(stored.size).to.equal(done.length)

    const asked = async (id: string) =>
      (await (
        await fetch(`${url}/v1/assets/${id}`, { headers: { Authorization: `Bearer ${token}` } })
      ).json()) as Asset
    const others = done.filter(({ kind }) => kind === 'ASSET')
    const quantities = new Map(
      (await all<Asset>(url, token, '/v1/assets')).map(({ name, quantity }) => [name, Number(quantity)]),
    )
    expect(others.filter(({ key, cents }) => quantities.get(key) !== Number(money(cents)))).to.deep.equal([])
    const balance = done.reduce((sum, { kind, cents }) => (kind === 'ASSET' ? sum : sum + cents), 0n)
    expect((await asked(account.id)).cost).to.equal(money(balance))
    const bought = done.filter(({ kind }) => kind === 'BUY')
    const held = await asked(shares.id)
    expect(held.quantity).to.equal(String(bought.length))
    expect(held.cost).to.equal(money(bought.reduce((sum, { cents }) => sum - cents, 0n)))
    program?.child.kill('SIGTERM')
    expect(await program?.ended, program?.output()).to.equal(0)
  })
})
