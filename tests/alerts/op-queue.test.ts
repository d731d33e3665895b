import { expect } from 'chai'
import { createFiring } from '../../src/alerts/firing.js'
import { OpQueue } from '../../src/alerts/op-queue.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import { type Database, openDatabase } from '../../src/database/database.js'
import type { Prisma } from '../../src/generated/prisma/client.js'
import { systemClock } from '../../src/lib/clock.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import { type CutLine, openCutLine } from '../journey/cut-line.js'
import {
  addUser,
  createServerDatabase,
  databaseKinds,
  needsServer,
  openTestDatabase,
  serverAvailable,
  testServer,
} from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'

const NOW = Date.UTC(2026, 4, 20, 9)
const at = { ...systemClock, now: () => NOW }

const op = (alertId: string, more: Partial<AlertOp> = {}): AlertOp => ({
  ...{ kind: 'fire', alertId, armVersion: 1, at: NOW, version: 7 },
  ...{ value: parseFixed('60012.34'), from: parseFixed('59990.5') },
  ...more,
})
/** What no notification can be made of, and what the database does not take. */
const POISON: Readonly<Record<string, Partial<AlertOp>>> = {
  'a figure that is none': { data: { holdings: [5n] } },
  'a text that no column holds': { data: { holding: '\u0000' } },
  'a number that no column holds': { value: 10n ** 60n },
}

function queueOn(db: Database, more: { mostAtOnce?: number } = {}) {
  const { log, lines } = readableLog()
  const refused: string[] = []
  let writes = 0
  const write = createFiring({
    db,
    announce: createAnnounce({ emailConfigured: false, clock: at }),
    tell: () => {},
  })
  const queue = new OpQueue({
    write: (ops) => {
      writes += 1
      return write(ops)
    },
    refused: (id) => void refused.push(id),
    clock: at,
    log,
    ...more,
  })
  const said = (id: string): readonly string[] => lines.filter((line) => line.includes(id))
  return { queue, refused, said, lines, writes: () => writes }
}

for (const kind of databaseKinds()) {
  describe(`ops on their way into the database, ${kind}`, function () {
    this.timeout(60_000)
    let db: Database
    let userId: string
    before(async () => {
      db = await openTestDatabase(kind)
      userId = await addUser(db)
      const data = { symbol: 'BTC-USD', kind: 'CRYPTO', name: 'Bitcoin', currency: 'USD' }
      await db.asSystem((tx) => tx.instrument.create({ data }))
    })
    after(() => db?.close())

    const alert = async (more: Partial<Prisma.AlertUncheckedCreateInput> = {}): Promise<string> => {
      const price = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '60000' } as const
      const data = { userId, ...price, repeat: 'rearm', ...more }
      return (await db.asUser(userId, (tx) => tx.alert.create({ data }))).id
    }
    const states = async (ids: readonly string[]): Promise<readonly string[]> => {
      const rows = await db.asUser(userId, (tx) => tx.alert.findMany({ where: { id: { in: [...ids] } } }))
      return ids.map((id) => rows.find((row) => row.id === id)?.state ?? 'gone')
    }

    for (const [what, poison] of Object.entries(POISON)) {
      it(`go on without the one that holds ${what}, which is given up and named once`, async () => {
        const before = await Promise.all(Array.from({ length: 5 }, () => alert()))
        const poisoned = await alert({
          kind: 'PORTFOLIO',
          symbol: null,
          condition: 'newHigh',
          threshold: null,
        })
        const behind = await Promise.all(Array.from({ length: 4 }, () => alert()))
        const { queue, said, writes } = queueOn(db)
        for (const id of before) queue.add(op(id))
        queue.add(op(poisoned, poison))
        queue.add(op(poisoned, { kind: 'rearm' }))
        for (const id of behind) queue.add(op(id))
        await queue.drained()
        const others = [...before, ...behind]
        expect(await states(others)).to.deep.equal(others.map(() => 'fired'))
        expect(await states([poisoned]), 'nothing of it').to.deep.equal(['armed'])
        expect(said(poisoned)).to.have.length(1)
        expect(JSON.parse(said(poisoned)[0] ?? '')).to.deep.include({ level: 50, alertId: poisoned })
        const tries = writes()
        queue.add(op(poisoned, poison))
        await queue.drained()
        expect([said(poisoned).length, writes()], 'what it leads to again').to.deep.equal([1, tries])
        // Its user has changed it.
        await db.asUser(userId, (tx) => tx.alert.update({ where: { id: poisoned }, data: { armVersion: 2 } }))
        queue.add(op(poisoned, { armVersion: 2 }))
        await queue.drained()
        expect(await states([poisoned])).to.deep.equal(['fired'])
        await queue.stop()
      })
    }

    it('are written before the end, all batches of them', async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, () => alert()))
      const { queue, writes } = queueOn(db, { mostAtOnce: 2 })
      for (const id of ids) queue.add(op(id))
      await queue.stop()
      expect([await states(ids), writes()]).to.deep.equal([ids.map(() => 'fired'), 3])
    })
  })
}

describe(`a database that goes while alerts fire${serverAvailable() ? '' : `: ${needsServer}`}`, function () {
  this.timeout(60_000)
  let base: Awaited<ReturnType<typeof createServerDatabase>>
  let line: CutLine
  let db: Database
  let userId: string
  before(async function () {
    if (!serverAvailable()) return this.skip()
    base = await createServerDatabase()
    line = await openCutLine(base.url)
    db = await openDatabase({ kind: 'server', url: line.url, poolSize: 2 })
    userId = await addUser(db)
  })
  after(async () => {
    await db?.close()
    await line?.close()
    await base?.drop()
  })

  const alert = async (): Promise<string> => {
    const data = { userId, kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '60000' } as const
    return (await db.asUser(userId, (tx) => tx.alert.create({ data }))).id
  }
  const fired = () => db.asUser(userId, (tx) => tx.alert.count({ where: { state: 'fired' } }))

  it('takes nothing with it, and nothing is given up but what could never be written', async () => {
    const ids = await Promise.all(Array.from({ length: 3 }, alert))
    const poisoned = await alert()
    const { queue, refused, said, lines, writes } = queueOn(db)
    line.cut()
    for (const id of [...ids, poisoned])
      queue.add(op(id, id === poisoned ? { data: { holding: '\u0000' } } : {}))
    await until('it was tried several times', () => writes() >= 6)
    expect([said(poisoned), refused, queue.size]).to.deep.equal([[], [], 4])
    expect(lines.filter((text) => text.includes('could not be written down'))).to.have.length(1)
    line.mend()
    await queue.drained()
    expect(await fired()).to.equal(3)
    expect([said(poisoned).length, refused]).to.deep.equal([1, []])
    await queue.stop()
  })

  it('is waited for also where it takes no writes for a while', async () => {
    const id = await alert()
    const { queue, said, writes } = queueOn(db)
    const name = new URL(base.url).pathname.slice(1)
    const server = await testServer()
    const readOnly = async (yes: boolean): Promise<void> => {
      await server.run(`ALTER DATABASE ${name} SET default_transaction_read_only = ${yes}`)
      await server.run(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
      )
    }
    await readOnly(true)
    queue.add(op(id))
    await until('it was tried several times', () => writes() >= 5)
    expect([said(id), queue.size]).to.deep.equal([[], 1])
    await readOnly(false)
    await queue.drained()
    expect((await db.asUser(userId, (tx) => tx.alert.findFirstOrThrow({ where: { id } }))).state).to.equal(
      'fired',
    )
    await queue.stop()
  })
})
