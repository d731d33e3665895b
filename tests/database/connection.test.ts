import { once } from 'node:events'
import { createServer } from 'node:net'
import { PrismaPg } from '@prisma/adapter-pg'
import { expect } from 'chai'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { type Database, openDatabase, openOn } from '../../src/database/database.js'
import { appUrl } from '../../src/database/server.js'
import {
  addUser,
  createServerDatabase,
  needsServer,
  openTestDatabase,
  openTestEmbedded,
  serverAvailable,
  testServer,
} from '../support/database.js'

const whoAmI = {
  sql: `SELECT current_user::text, coalesce(current_setting('app.user_id', true), ''), (SELECT count(*)::int FROM users), (SELECT count(*)::int FROM assets)`,
  args: [],
  argTypes: [],
}

/** It waits for seconds, so it does while others work. */
let crowded: Promise<unknown[]>

describe('an embedded connection at rest', function () {
  this.timeout(60_000)
  before(() => {
    if (!serverAvailable()) return
    crowded = tellOfCrowd()
    crowded.catch(() => {})
  })

  it('is nobody and sees no row, before and after a transaction', async () => {
    const embedded = await openTestEmbedded('shared')
    const database = await openOn(embedded)
    try {
      const raw = await new PrismaPGlite(embedded.pglite).connect()
      expect((await raw.queryRaw(whoAmI)).rows).to.deep.equal([['harta_app', '', 0, 0]])
      const ada = await addUser(database)
      expect(await database.asUser(ada, (tx) => tx.user.count())).to.equal(1)
      await database.asUser(ada, () => Promise.reject(new Error('no'))).catch(() => {})
      expect((await raw.queryRaw(whoAmI)).rows).to.deep.equal([['harta_app', '', 0, 0]])
    } finally {
      await database.close()
    }
  })

  it('refuses work once it is closed, and closes once', async () => {
    const database = await openTestDatabase('embedded')
    await Promise.all([database.close(), database.close()])
    const error = await database.asSystem((tx) => tx.user.count()).catch((reason: unknown) => reason)
    expect(error)
      .to.have.property('message')
      .that.matches(/closed/)
  })
})

describe(`connections to a server${serverAvailable() ? '' : `: ${needsServer}`}`, function () {
  this.timeout(60_000)
  let url: string
  let drop: () => Promise<void>
  let database: Database
  before(async function () {
    if (!serverAvailable()) return this.skip()
    ;({ url, drop } = await createServerDatabase())
    database = await openDatabase({ kind: 'server', url, poolSize: 3 })
  })
  after(async () => {
    await database?.close()
    await drop?.()
  })

  it('are nobody at rest and see no row', async () => {
    await addUser(database)
    const raw = await new PrismaPg({ connectionString: appUrl(url), max: 1 }).connect()
    try {
      expect((await raw.queryRaw(whoAmI)).rows).to.deep.equal([['harta_app', '', 0, 0]])
    } finally {
      await raw.dispose()
    }
  })

  it('keep the options that the operator wrote into the URL', async () => {
    const raw = await new PrismaPg({
      connectionString: appUrl(`${url}?options=-c%20work_mem%3D5MB`),
      max: 1,
    }).connect()
    try {
      const asked = {
        sql: `SELECT current_setting('work_mem'), current_setting('TimeZone'), current_user::text`,
        args: [],
        argTypes: [],
      }
      expect((await raw.queryRaw(asked)).rows).to.deep.equal([['5MB', 'UTC', 'harta_app']])
    } finally {
      await raw.dispose()
    }
  })

  it('say so when one is lost, and serve the next transaction', async () => {
    const ada = await addUser(database)
    const lost = database.asUser(ada, async (tx) => {
      const [row] = await tx.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
      await (await testServer()).run(`SELECT pg_terminate_backend(${row?.pid})`)
      await tx.user.count()
    })
    expect(await code(lost)).to.equal('database-unavailable')
    expect(await database.asUser(ada, (tx) => tx.user.count())).to.equal(1)
    await database.ping()
  })

  it('run work again that was chosen as the victim of a deadlock', async () => {
    const [ada, bob] = [await addUser(database), await addUser(database)]
    let [runs, waiting] = [0, 2]
    let release = () => {}
    const both = new Promise<void>((resolve) => {
      release = resolve
    })
    const rename = (first: string, second: string) =>
      database.asSystem(async (tx) => {
        runs += 1
        await tx.user.update({ where: { id: first }, data: { name: first } })
        waiting -= 1
        if (waiting === 0) release()
        await both
        await tx.$executeRaw`UPDATE users SET name = ${first} WHERE id = ${second}::uuid`
        return first
      })
    expect(await Promise.all([rename(ada, bob), rename(bob, ada)])).to.deep.equal([ada, bob])
    expect(runs).to.equal(3)
    const names = await database.asSystem((tx) => tx.user.findMany({ where: { id: { in: [ada, bob] } } }))
    expect(new Set(names.map(({ name }) => name)).size).to.equal(1)
  })

  it('report a server that cannot be reached', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    probe.close()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    for (const unreachable of [
      `postgresql://a:b@127.0.0.1:${port}/c`,
      'postgresql://a:b@localhost/c?host=/nowhere',
    ]) {
      expect(await code(openDatabase({ kind: 'server', url: unreachable }))).to.equal('database-unavailable')
    }
  })

  it('report a server whose transactions all wait for others', async () => {
    expect(await crowded).to.deep.equal(['database-unavailable', 'served'])
  })
})

/** What somebody is told who comes while the only connection is taken, and somebody who comes after that. */
async function tellOfCrowd(): Promise<unknown[]> {
  const { url, drop } = await createServerDatabase()
  const small = await openDatabase({ kind: 'server', url, poolSize: 1 })
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  try {
    const busy = small.asSystem(() => released)
    const first = await code(small.asSystem((tx) => tx.user.count()))
    release()
    await busy
    await small.ping()
    return [first, 'served']
  } finally {
    release()
    await small.close()
    await drop()
  }
}

async function code(promise: Promise<unknown>): Promise<unknown> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  return (error as { code?: unknown } | null)?.code ?? error
}
