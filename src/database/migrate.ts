import type { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlQueryable, SqlResultSet } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { openEmbedded } from './embedded.js'
import { translate } from './failures.js'
import { type Migration, migrationList, readMigrations } from './migrations.js'
import { lendAdapter, noFilter, openSchemaEngine } from './schema-engine.js'
import { ownerUrl } from './server.js'
import type { DatabaseTarget } from './target.js'

/**
 * Applies prisma/migrations. Everything happens on one connection in one transaction under one lock: two
 * processes that start together queue up, and a failure or a kill half-way leaves the database as it was, with
 * no migration marked as failed for somebody to clear up. What is written to `_prisma_migrations` is what
 * `prisma migrate deploy` would have written.
 */
export interface Migrated {
  /** Names of the migrations that were applied now. */
  readonly applied: readonly string[]
}

/** Prisma's own, so that `prisma migrate deploy` and this wait for each other too. */
const LOCK = 72_707_369

export async function migrate(target: DatabaseTarget, folder?: string): Promise<Migrated> {
  const migrations = await readMigrations(folder)
  if (target.kind === 'server') {
    return migrateServer(target.url, migrations).catch((error: unknown) => {
      throw translate(error)
    })
  }
  const { pglite, close } = await openEmbedded(target.dataDir)
  try {
    return await migrateEmbedded(pglite, migrations)
  } finally {
    await close()
  }
}

async function migrateServer(url: string, migrations: readonly Migration[]): Promise<Migrated> {
  const pool = await new PrismaPg({ connectionString: ownerUrl(url), max: 1 }).connect()
  try {
    const connection = await pool.startTransaction()
    let done = false
    try {
      await run(connection, `SELECT pg_advisory_xact_lock(${LOCK})`)
      // Without parameters the whole script goes over in one message; the adapter's own executeScript would cut
      // it at every semicolon, those inside of a function's body too.
      const result = await applyMissing(connection, (script) => run(connection, script), migrations)
      // The engine locks for the length of the session, which behind a connection pooler may outlive this; the
      // lock taken above stays until the commit is done.
      await run(connection, 'SELECT pg_advisory_unlock_all()')
      await run(connection, 'COMMIT')
      done = true
      return result
    } finally {
      if (!done) await run(connection, 'ROLLBACK').catch(() => {})
      await connection.commit()
    }
  } finally {
    await pool.dispose()
  }
}

/** Migrates a PGlite that nobody else uses yet. */
export async function migrateEmbedded(pglite: PGlite, migrations: readonly Migration[]): Promise<Migrated> {
  const connection = await new PrismaPGlite(pglite).connect()
  await pglite.exec('BEGIN')
  try {
    const result = await applyMissing(connection, (script) => pglite.exec(script), migrations)
    await pglite.exec('COMMIT')
    return result
  } catch (error) {
    await pglite.exec('ROLLBACK').catch(() => {})
    throw error
  }
}

type RunScript = (script: string) => Promise<unknown>

async function applyMissing(
  connection: SqlQueryable,
  runScript: RunScript,
  migrations: readonly Migration[],
): Promise<Migrated> {
  if (await isUpToDate(connection, migrations)) return { applied: [] }
  // The engine's own report of a failed script buries why it failed.
  let failure: Error | null = null
  const watched = async (script: string) => {
    try {
      await runScript(script)
    } catch (error) {
      failure = new Error(`a migration failed and nothing was changed: ${reason(error)}`, { cause: error })
      throw error
    }
  }
  const engine = await openSchemaEngine(lendAdapter(connection, watched))
  try {
    const input = { migrationsList: migrationList(migrations), filters: noFilter }
    const { appliedMigrationNames } = await engine.applyMigrations(input)
    return { applied: appliedMigrationNames }
  } catch (error) {
    throw failure ?? error
  } finally {
    engine.free()
  }
}

/** Compares what was applied with what lies in the folder; throws when an applied migration was edited since. */
async function isUpToDate(connection: SqlQueryable, migrations: readonly Migration[]): Promise<boolean> {
  const table = await rows(connection, `SELECT to_regclass('public._prisma_migrations')::text`)
  if (!table[0]?.[0]) return false
  const applied = new Map(
    (
      await rows(
        connection,
        `SELECT migration_name, checksum FROM public._prisma_migrations
          WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
      )
    ).map((row) => [String(row[0]), String(row[1])]),
  )
  const edited = migrations.filter(({ name, checksum }) => (applied.get(name) ?? checksum) !== checksum)
  if (edited.length > 0) {
    const names = edited.map(({ name }) => name).join(', ')
    throw new Error(
      `these migrations were applied and then changed: ${names}; restore their files and put the change into a new migration`,
    )
  }
  return migrations.every(({ name }) => applied.has(name))
}

function reason(error: unknown): string {
  const cause = (error as { cause?: { originalMessage?: unknown } }).cause
  if (typeof cause?.originalMessage === 'string') return cause.originalMessage
  return error instanceof Error ? error.message : String(error)
}

async function run(connection: SqlQueryable, sql: string): Promise<void> {
  await connection.executeRaw({ sql, args: [], argTypes: [] })
}

async function rows(connection: SqlQueryable, sql: string): Promise<SqlResultSet['rows']> {
  return (await connection.queryRaw({ sql, args: [], argTypes: [] })).rows
}
