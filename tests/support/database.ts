import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { type Database, openDatabase, openOn } from '../../src/database/database.js'
import { type Embedded, openEmbedded } from '../../src/database/embedded.js'
import { migrate, migrateEmbedded } from '../../src/database/migrate.js'
import { readMigrations } from '../../src/database/migrations.js'
import { readSnapshot, SNAPSHOT_FILE } from '../../src/database/snapshot.js'
import { installPostgres, type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.js'

/**
 * Databases for tests, migrated and empty. The first one of a kind costs a second or more; further ones are copies
 * of it, or itself, emptied again (PGlite in memory 0.1 s, in a folder 0.5 s, server 0.1 s). Open one in `before`,
 * give each test users of its own, close it in `after`.
 */
export type DatabaseKind = 'embedded' | 'server'

/** Title of what is skipped on a machine without a server. */
export const needsServer = `needs a PostgreSQL server (${installPostgres})`

export function serverAvailable(): boolean {
  return postgresBinaries() !== null
}

/** What this machine can run: `for (const kind of databaseKinds()) describe(...)`. */
export function databaseKinds(): readonly DatabaseKind[] {
  return serverAvailable() ? ['embedded', 'server'] : ['embedded']
}

export async function openTestDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind === 'embedded') return openOn(await openEmptied())
  const { url, drop } = await createServerDatabase()
  const database = await openDatabase({ kind: 'server', url, poolSize: 5 })
  return {
    asUser: (userId, work) => database.asUser(userId, work),
    asSystem: (work) => database.asSystem(work),
    ping: () => database.ping(),
    close: async () => {
      await database.close()
      await drop()
    },
  }
}

/**
 * Puts a migrated database into a folder, empty but for what `fill` writes, which spares a process that starts
 * there the seconds of it.
 */
export async function seedDataDir(dataDir: string, fill?: (db: Database) => Promise<void>): Promise<void> {
  const place = join(dataDir, 'postgres')
  mkdirSync(place, { recursive: true, mode: 0o700 })
  execFileSync('tar', ['-xf', (await migrated()).file, '-C', place], { stdio: 'ignore' })
  if (!fill) return
  const db = await openDatabase({ kind: 'embedded', dataDir })
  await fill(db).finally(() => db.close())
}

/**
 * A PGlite in memory, migrated and empty but not yet opened as a Database. `shared`: what other tests use after it, so
 * it only writes rows; `blank`: without any table or role.
 */
export async function openTestEmbedded(state: 'own' | 'shared' | 'blank' = 'own'): Promise<Embedded> {
  if (state === 'shared') return openEmptied()
  const embedded = await openEmbedded(null, (await migrated()).dump)
  if (state === 'blank') await embedded.pglite.exec(CLEARING)
  return embedded
}

/** What migrations have made, undone; it takes a tenth of the time of making a database from nothing. */
const CLEARING = `
  DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION pg_database_owner; GRANT USAGE ON SCHEMA public TO PUBLIC;
  DROP ROLE harta_app; DROP ROLE harta_system`

/** A migrated database on the test server, for tests that open it themselves or hand its URL to a process. */
export async function createServerDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const running = await testServer()
  return running.createDatabase(await serverTemplate(running))
}

/** The server of this process, started when it is first asked for and ended with the process. */
export function testServer(): Promise<PostgresServer> {
  started ??= startPostgres()
  return started
}

let users = 0

/** Adds a user, whose address counts as confirmed, and tells its id. */
export async function addUser(
  database: Database,
  { email, ...more }: { email?: string; baseCurrency?: string } = {},
): Promise<string> {
  users += 1
  const address = email ?? `user-${users}@example.org`
  const data = { email: address, confirmedEmail: address, passwordHash: 'none', ...more }
  const { id } = await database.asSystem((tx) => tx.user.create({ data, select: { id: true } }))
  return id
}

let started: Promise<PostgresServer> | null = null
let migratedServer: Promise<string> | null = null
let made: Promise<Migrated> | null = null
/** The PGlite that was closed last, without rows. Kept only by a worker of Mocha: it holds up the end of a process. */
let emptied: Embedded | null = null
const keeps = process.env.MOCHA_WORKER_ID !== undefined

function serverTemplate(running: PostgresServer): Promise<string> {
  migratedServer ??= running.createDatabase().then(async ({ name, url }) => {
    await migrate({ kind: 'server', url })
    return name
  })
  return migratedServer
}

/** A dump of a migrated database, and the file that it is in. */
interface Migrated {
  readonly dump: Blob
  readonly file: string
}

function migrated(): Promise<Migrated> {
  made ??= make()
  return made
}

/** What the build made, if that is of the migrations as they are now. */
async function make(): Promise<Migrated> {
  const built = await readSnapshot()
  if (built) {
    const embedded = await openEmbedded(null, built)
    const isNew = await isOf(embedded.pglite)
    if (isNew && keeps) emptied = embedded
    else await embedded.close()
    if (isNew) return { dump: built, file: SNAPSHOT_FILE }
  }
  const { pglite, close } = await openEmbedded(null)
  try {
    await migrateEmbedded(pglite, await readMigrations())
    const dump = await pglite.dumpDataDir('none')
    const folder = mkdtempSync(join(tmpdir(), 'harta-migrated-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'empty.tar')
    writeFileSync(file, new Uint8Array(await dump.arrayBuffer()))
    return { dump, file }
  } finally {
    await close()
  }
}

/** Whether a database was made by exactly the migrations that there are. */
async function isOf(pglite: PGlite): Promise<boolean> {
  const { rows } = await pglite.query<{ name: string; checksum: string }>(
    'SELECT migration_name AS name, checksum FROM _prisma_migrations ORDER BY migration_name',
  )
  const told = (all: readonly { name: string; checksum: string }[]): string =>
    all.map(({ name, checksum }) => `${name} ${checksum}`).join()
  return told(rows) === told(await readMigrations())
}

/** A PGlite in memory that may have been another test's before, and is empty again. */
async function openEmptied(): Promise<Embedded> {
  const { dump } = await migrated()
  const taken = emptied ?? (await openEmbedded(null, dump))
  emptied = null
  return {
    pglite: taken.pglite,
    close: async () => {
      if (keeps && emptied === null) await empty(taken.pglite)
      if (keeps && emptied === null) emptied = taken
      else await taken.close()
    },
  }
}

/** Takes out what tests wrote. A deleted row still takes its room, so a table that has grown is made anew. */
async function empty(pglite: PGlite): Promise<void> {
  await pglite.exec('ROLLBACK')
  await pglite.exec('DISCARD ALL')
  const { rows } = await pglite.query<{ sql: string }>(
    `WITH filled AS (
       SELECT format('%I', relname) AS name, pg_relation_size(oid) > 250000 AS grown FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> '_prisma_migrations'
          AND pg_relation_size(oid) > 0)
     SELECT concat_ws(';',
              'TRUNCATE ' || string_agg(name, ',') FILTER (WHERE grown) || ' CASCADE',
              string_agg('DELETE FROM ' || name, ';') FILTER (WHERE NOT grown)) AS sql FROM filled`,
  )
  // Without triggers no table waits for another one.
  await pglite.exec('SET session_replication_role = replica')
  await pglite.exec(rows[0]?.sql ?? '')
  await pglite.exec('RESET session_replication_role')
}
