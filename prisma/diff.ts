/**
 * Writes the migration that leads from prisma/migrations to prisma/schema.prisma:
 * `node --import=tsx prisma/diff.ts NAME`.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { migrationsFolder } from '../src/database/migrations.js'
import { schemaDifference } from './difference.js'

const name = process.argv[2] ?? ''
if (!/^[a-z][a-z0-9_]{0,60}$/.test(name)) {
  console.error('name the change in lower case, like: npm run db:diff -- add_tags')
  process.exit(1)
}
const sql = await schemaDifference()
if (sql === '') {
  console.log('schema.prisma and the migrations say the same; nothing to write')
} else {
  const instant = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const folder = join(migrationsFolder, `${instant}_${name}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'migration.sql'), sql)
  console.log(`wrote ${join(folder, 'migration.sql')}; read it before you apply it with npm run db:migrate`)
}
