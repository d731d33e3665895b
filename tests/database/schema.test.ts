import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { schemaDifference } from '../../prisma/difference.js'
import type { Database } from '../../src/database/database.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'

/** Tables whose rows belong to nobody. Whoever adds one here says that every user may see all of it. */
const globalTables = [
  'alert_marks',
  'alert_removals',
  'candles',
  'exchange_rates',
  'instruments',
  'server_keys',
  'venue_symbols',
]
/** Tables with rules of their own: the user row is its own owner, the list of migrations is the owner's. */
const special = ['_prisma_migrations', 'users']

describe('the schema and the migrations', function () {
  this.timeout(60_000)
  // Two tables more than the migrations make, so that what tells of them is all that may differ.
  let sql: string
  before(async () => {
    const schema = await readFile(new URL('../../prisma/schema.prisma', import.meta.url), 'utf8')
    sql = await schemaDifference({ schema: schema + added })
  })

  it('say the same', () => {
    const statements = sql
      .replaceAll(/^--.*$/gm, '')
      .split(';')
      .map((statement) => statement.trim())
      .filter((statement) => statement !== '')
    expect(statements.filter((statement) => !/^[^(]*"(tags|units)"/.test(statement))).to.deep.equal([])
    expect(statements.length).to.be.greaterThan(2)
  })

  it('give a new table of users’ rows its security, and a clearing reference its column', () => {
    expect(sql).to.contain('CREATE TABLE "tags"')
    expect(sql).to.contain('ON DELETE SET NULL ("owner_id") ON UPDATE CASCADE')
    expect(sql).to.contain('ALTER TABLE "tags" FORCE ROW LEVEL SECURITY')
    expect(sql.match(/FORCE ROW LEVEL SECURITY/g)).to.have.lengthOf(1)
  })
})

const added = `
model Tag {
  id      String  @id @db.Uuid
  userId  String  @map("user_id") @db.Uuid
  ownerId String? @map("owner_id") @db.Uuid
  owner   Tag?    @relation("owner", fields: [userId, ownerId], references: [userId, id], onDelete: SetNull)
  owned   Tag[]   @relation("owner")

  @@unique([userId, id])
  @@map("tags")
}

model Unit {
  name String @id

  @@map("units")
}
`

for (const kind of databaseKinds()) {
  describe(`the catalog, ${kind}`, () => {
    let database: Database
    before(async function () {
      this.timeout(60_000)
      database = await openTestDatabase(kind)
    })
    after(() => database.close())

    it('has row level security forced, and both policies, on every table of users’ rows', async () => {
      const tables = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string; owned: boolean; forced: boolean; policies: string }[]>`
          SELECT c.relname::text AS name,
                 EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id' AND a.attnotnull) AS owned,
                 c.relrowsecurity AND c.relforcerowsecurity AS forced,
                 (SELECT coalesce(string_agg(
                           p.polname || ' ' || p.polroles[1]::regrole || ' ' || p.polcmd::text || ' '
                             || pg_get_expr(p.polqual, c.oid) || ' ' || pg_get_expr(p.polwithcheck, c.oid),
                           '; ' ORDER BY p.polname), '')
                    FROM pg_policy p WHERE p.polrelid = c.oid) AS policies
            FROM pg_class c
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1`,
      )
      const unowned = tables.filter(({ owned, name }) => !owned && !special.includes(name))
      expect(unowned.map(({ name }) => name)).to.deep.equal(globalTables)
      const guarded = tables.filter(({ owned, name }) => owned || name === 'users')
      expect(guarded.length).to.be.greaterThan(20)
      for (const { name, forced, policies } of guarded) {
        const owner = name === 'users' ? 'id' : 'user_id'
        const own = `(${owner} = (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid)`
        expect(forced, name).to.equal(true)
        expect(policies, name).to.equal(
          `all_rows harta_system * true true; own_rows harta_app * ${own} ${own}`,
        )
      }
    })

    it('lets both roles work on every table of users’ rows, and nobody rewrite what was audited', async () => {
      const rights = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string; role: string; lacks: string }[]>`
          SELECT c.relname::text AS name, role, coalesce(string_agg(wanted, ' ' ORDER BY wanted)
                   FILTER (WHERE NOT has_table_privilege(role, c.oid, wanted)), '') AS lacks
            FROM pg_class c, unnest(ARRAY['harta_app', 'harta_system']) AS role,
                 unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
             AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'user_id')
           GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      expect(rights.length).to.be.greaterThan(50)
      expect(rights.filter(({ lacks }) => lacks !== '')).to.deep.equal([
        { name: 'audit_entries', role: 'harta_app', lacks: 'DELETE UPDATE' },
      ])
    })

    it('lets no row of one user refer to a row of another', async () => {
      const loose = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string }[]>`
          SELECT f.conname::text AS name FROM pg_constraint f
           WHERE f.contype = 'f' AND f.connamespace = 'public'::regnamespace
             AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.confrelid AND a.attname = 'user_id')
             AND NOT EXISTS (
               SELECT FROM unnest(f.conkey, f.confkey) AS k(mine, theirs)
                 JOIN pg_attribute m ON m.attrelid = f.conrelid AND m.attnum = k.mine AND m.attname = 'user_id'
                 JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = k.theirs AND t.attname = 'user_id')`,
      )
      expect(loose).to.deep.equal([])
    })

    it('never clears the owner together with a reference', async () => {
      const clearing = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string; columns: number }[]>`
          SELECT conname::text AS name, coalesce(cardinality(confdelsetcols), 0) AS columns FROM pg_constraint
           WHERE contype = 'f' AND confdeltype = 'n' AND connamespace = 'public'::regnamespace`,
      )
      expect(clearing.length).to.be.greaterThan(5)
      expect(clearing.filter(({ columns }) => columns !== 1)).to.deep.equal([])
    })

    it('takes every owned row away with its user', async () => {
      const left = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string }[]>`
          WITH RECURSIVE reached AS (
            SELECT 'users'::regclass::oid AS table
            UNION
            SELECT f.conrelid FROM pg_constraint f JOIN reached ON reached.table = f.confrelid
             WHERE f.contype = 'f' AND f.confdeltype = 'c')
          SELECT c.relname::text AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id'
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.oid NOT IN (SELECT r.table FROM reached r)`,
      )
      expect(left).to.deep.equal([])
    })

    it('gives the roles neither tables nor the right to empty or change one', async () => {
      const [rights] = await database.asSystem(
        (tx) => tx.$queryRaw<{ superuser: boolean; owned: number; excess: number; creates: boolean }[]>`
          SELECT bool_or(rolsuper OR rolbypassrls OR rolcanlogin OR rolcreaterole OR rolcreatedb) AS superuser,
                 (SELECT count(*)::int FROM pg_class WHERE relowner IN ('harta_app'::regrole, 'harta_system'::regrole)) AS owned,
                 (SELECT count(*)::int FROM information_schema.role_table_grants
                   WHERE grantee IN ('harta_app', 'harta_system')
                     AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')) AS excess,
                 bool_or(has_schema_privilege(oid, 'public', 'CREATE')) AS creates
            FROM pg_roles WHERE rolname IN ('harta_app', 'harta_system')`,
      )
      expect(rights).to.deep.equal({ superuser: false, owned: 0, excess: 0, creates: false })
    })

    it('has an index that begins with the owner, or the key of the parent, on every table of users’ rows', async () => {
      const slow = await database.asSystem(
        (tx) => tx.$queryRaw<{ name: string }[]>`
          SELECT c.relname::text AS name FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'user_id'
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
             AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = a.attnum)`,
      )
      expect(slow).to.deep.equal([])
    })
  })
}
