import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'

/** Beside src/ and beside the built dist/ alike. */
export const migrationsFolder = fileURLToPath(new URL('../../prisma/migrations', import.meta.url))

export interface Migration {
  readonly name: string
  readonly sql: string
  /** SHA-256 of the script in hex, as Prisma keeps it in `_prisma_migrations`. */
  readonly checksum: string
}

/** Every migration of a folder in the order in which they apply. */
export async function readMigrations(folder: string = migrationsFolder): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** The same in the words of the schema engine. */
export function migrationList(
  migrations: readonly Migration[],
  folder: string = migrationsFolder,
): MigrationList {
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
    })),
  }
}
