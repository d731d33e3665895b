import { type Database, openDatabase, openOn } from '../../src/database/database.js'
import { type Embedded, openEmbedded } from '../../src/database/embedded.js'
import { migrate, migrateEmbedded } from '../../src/database/migrate.js'
import { readMigrations } from '../../src/database/migrations.js'
import { installPostgres, type PostgresServer, postgresBinaries, startPostgres } from './postgres-server.js'

/**
 * Databases for tests, migrated and empty. The first one of a kind costs seconds; every further one is a copy of
 * it (PGlite 0.6 s, server 0.1 s). Open one in `before`, give each test users of its own, close it in `after`.
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
  if (kind === 'embedded') return openOn(await openTestEmbedded())
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
  const embedded = await openEmbedded(dataDir, (await embeddedTemplates()).migrated)
  if (!fill) return embedded.close()
  const db = await openOn(embedded)
  await fill(db).finally(() => db.close())
}

/** A PGlite in memory, migrated but not yet opened as a Database, or without any table. */
export async function openTestEmbedded(state: 'migrated' | 'blank' = 'migrated'): Promise<Embedded> {
  return openEmbedded(null, (await embeddedTemplates())[state])
}

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

/** Adds a user and tells its id. */
export async function addUser(
  database: Database,
  more: { email?: string; baseCurrency?: string } = {},
): Promise<string> {
  users += 1
  const data = { email: `user-${users}@example.org`, passwordHash: 'none', ...more }
  const { id } = await database.asSystem((tx) => tx.user.create({ data, select: { id: true } }))
  return id
}

let started: Promise<PostgresServer> | null = null
let migratedServer: Promise<string> | null = null
let embedded: Promise<{ blank: Blob; migrated: Blob }> | null = null

function serverTemplate(running: PostgresServer): Promise<string> {
  migratedServer ??= running.createDatabase().then(async ({ name, url }) => {
    await migrate({ kind: 'server', url })
    return name
  })
  return migratedServer
}

function embeddedTemplates(): Promise<{ blank: Blob; migrated: Blob }> {
  embedded ??= dumpTemplates()
  return embedded
}

async function dumpTemplates(): Promise<{ blank: Blob; migrated: Blob }> {
  const { pglite, close } = await openEmbedded(null)
  try {
    const blank = await pglite.dumpDataDir('none')
    await migrateEmbedded(pglite, await readMigrations())
    return { blank, migrated: await pglite.dumpDataDir('none') }
  } finally {
    await close()
  }
}
