import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { type Prisma, PrismaClient } from '../generated/prisma/client.js'
import { Backoff } from '../lib/backoff.js'
import { type Embedded, openEmbedded } from './embedded.js'
import { isConflict, translate } from './failures.js'
import { migrateEmbedded } from './migrate.js'
import { readMigrations } from './migrations.js'
import { appUrl } from './server.js'
import { readSnapshot } from './snapshot.js'
import { strictAdapter } from './strict-adapter.js'
import { type DatabaseTarget, roles } from './target.js'

/** The client inside of one transaction; never keep it beyond its `work`. */
export type Tx = Prisma.TransactionClient

/**
 * One use case is one transaction, of one user or of the system. In `asUser` row level security shows and takes
 * that user's rows alone, whatever a query forgets to ask for; `asSystem` sees everybody's and is for sign-in,
 * for jobs and for what belongs to nobody. A connection at rest is nobody's and sees no user's row at all.
 *
 * `work` may be run again from its beginning when the database reports a conflict with another transaction, so
 * all it does is done through `tx`; what must happen after the commit happens after the call. A call inside of
 * another call's work is an error: two transactions would wait for each other's rows, or for the connection.
 */
export interface Database {
  asUser<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T>
  asSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Resolves when the database answers; otherwise fails with `database-unavailable`. */
  ping(): Promise<void>
  close(): Promise<void>
}

const ATTEMPTS = 5
const TRANSACTION = { maxWait: 10_000, timeout: 30_000 } as const
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Opens the database. The embedded one is migrated on the way; a server is migrated by `migrate` beforehand. */
export async function openDatabase(target: DatabaseTarget): Promise<Database> {
  if (target.kind === 'embedded') return openOn(await openEmbedded(target.dataDir, await readSnapshot()))
  const pool = {
    connectionString: appUrl(target.url),
    max: target.poolSize ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  }
  const database = new PrismaDatabase(new PrismaPg(pool), () => Promise.resolve())
  try {
    await database.ping()
    return database
  } catch (error) {
    await database.close()
    throw error
  }
}

/** Makes a database of a PGlite that was just opened, and closes it again when that fails. */
export async function openOn(embedded: Embedded): Promise<Database> {
  try {
    await migrateEmbedded(embedded.pglite, await readMigrations())
    await embedded.pglite.exec(`SET TIME ZONE 'UTC'; SET ROLE ${roles.app}`)
    return new PrismaDatabase(new PrismaPGlite(embedded.pglite), embedded.close)
  } catch (error) {
    await embedded.close().catch(() => {})
    throw error
  }
}

class PrismaDatabase implements Database {
  readonly #client: PrismaClient
  readonly #release: () => Promise<void>
  /** The transaction that the running code is part of; `open` turns false when it ends. */
  readonly #current = new AsyncLocalStorage<{ open: boolean }>()
  #closing: Promise<void> | null = null

  constructor(adapter: SqlDriverAdapterFactory, release: () => Promise<void>) {
    this.#client = new PrismaClient({ adapter: strictAdapter(adapter), errorFormat: 'minimal', log: [] })
    this.#release = release
  }

  async asUser<T>(userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!UUID.test(userId)) throw new TypeError('asUser takes the id of a user')
    return this.#transact(roles.app, userId, work)
  }

  async asSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#transact(roles.system, '', work)
  }

  async ping(): Promise<void> {
    try {
      await this.#client.$queryRaw`SELECT 1`
    } catch (error) {
      throw translate(error)
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#client.$disconnect().finally(() => {
      // As long as it is in use, every promise of the process is told of it.
      this.#current.disable()
      return this.#release()
    })
    return this.#closing
  }

  async #transact<T>(role: string, userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    if (this.#current.getStore()?.open)
      throw new Error('a transaction was opened inside of another; pass tx on')
    if (this.#closing) throw new Error('this database is closed')
    const backoff = new Backoff({ baseMs: 20, capMs: 500 })
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#attempt(role, userId, work)
      } catch (error) {
        if (attempt === ATTEMPTS || !isConflict(error)) throw translate(error)
      }
      await wait(backoff.next())
    }
  }

  async #attempt<T>(role: string, userId: string, work: (tx: Tx) => Promise<T>): Promise<T> {
    const mark = { open: true }
    try {
      return await this.#client.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT set_config('role', ${role}, true), set_config('app.user_id', ${userId}, true)`
        return this.#current.run(mark, () => work(tx))
      }, TRANSACTION)
    } finally {
      mark.open = false
    }
  }
}
