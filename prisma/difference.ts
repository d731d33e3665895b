import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import type { DiffTarget } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { migrationList, migrationsFolder, readMigrations } from '../src/database/migrations.js'
import { lendAdapter, noFilter, openSchemaEngine } from '../src/database/schema-engine.js'

const schemaFile = fileURLToPath(new URL('schema.prisma', import.meta.url))

/**
 * The SQL that leads from the migrations to schema.prisma; empty text when they say the same. The migrations are
 * replayed into a fresh database in memory, and what Prisma's schema has no words for is filled in: row level
 * security of a new table of users' rows, and which column a reference with a user in it clears.
 */
export async function schemaDifference(
  options: { readonly schema?: string; readonly folder?: string } = {},
): Promise<string> {
  const content = options.schema ?? (await readFile(schemaFile, 'utf8'))
  const folder = options.folder ?? migrationsFolder
  const migrations = migrationList(await readMigrations(folder), folder)
  const pglite = await PGlite.create()
  try {
    const connection = await new PrismaPGlite(pglite).connect()
    const engine = await openSchemaEngine(lendAdapter(connection, (script) => pglite.exec(script)))
    const from: DiffTarget = { tag: 'migrations', ...migrations }
    const to: DiffTarget = { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] }
    const result = await engine.diff({ from, to, script: true, exitCode: true, filters: noFilter })
    engine.free()
    return result.exitCode === 2 ? complete(result.stdout ?? '') : ''
  } finally {
    await pglite.close()
  }
}

const OWNED_TABLE = /CREATE TABLE "(\w+)" \((?:(?!\n\);)[\s\S])*"user_id" UUID NOT NULL/g
const CLEARING = /(FOREIGN KEY \("user_id", ("\w+")\) REFERENCES .* ON DELETE SET NULL) /g

function complete(sql: string): string {
  const cleared = sql.replace(CLEARING, '$1 ($2) ')
  return [cleared, ...[...cleared.matchAll(OWNED_TABLE)].map(([, table]) => security(table ?? ''))].join('\n')
}

function security(table: string): string {
  const own = `user_id = nullif(current_setting('app.user_id', true), '')::uuid`
  return `-- Row level security
ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${table}" FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON "${table}" TO harta_app USING (${own}) WITH CHECK (${own});
CREATE POLICY all_rows ON "${table}" TO harta_system USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON "${table}" TO harta_app, harta_system;
`
}
