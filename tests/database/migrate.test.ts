import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlQueryable } from '@prisma/driver-adapter-utils'
import { expect } from 'chai'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import { migrate, migrateEmbedded } from '../../src/database/migrate.js'
import { migrationsFolder, readMigrations } from '../../src/database/migrations.js'
import { createServerDatabase, databaseKinds, openTestEmbedded, testServer } from '../support/database.js'

/** A database without a table, or a migrated one, that can be migrated from a folder and asked. */
interface Migratable {
  migrate(folder?: string): Promise<{ applied: readonly string[] }>
  ask(sql: string): Promise<unknown[][]>
  close(): Promise<void>
}

const open = {
  async embedded(state: 'blank' | 'own'): Promise<Migratable> {
    const { pglite, close } = await openTestEmbedded(state)
    return {
      migrate: async (folder) => migrateEmbedded(pglite, await readMigrations(folder)),
      ask: asking(await over(pglite)),
      close,
    }
  },
  async server(state: 'blank' | 'own'): Promise<Migratable> {
    const { url, drop } =
      state === 'blank' ? await (await testServer()).createDatabase() : await createServerDatabase()
    const connection = await new PrismaPg({ connectionString: url, max: 1 }).connect()
    return {
      migrate: (folder) => migrate({ kind: 'server', url }, folder),
      ask: asking(connection),
      close: async () => {
        await connection.dispose()
        await drop()
      },
    }
  },
}

for (const kind of databaseKinds()) {
  describe(`migrating, ${kind}`, function () {
    this.timeout(60_000)
    let database: Migratable
    let folder: string
    let names: readonly string[]
    beforeEach(async () => {
      folder = join(await mkdtemp(join(tmpdir(), 'harta-migrate-')), 'migrations')
      await cp(migrationsFolder, folder, { recursive: true })
      names = (await readMigrations()).map(({ name }) => name)
    })
    afterEach(async () => {
      await database.close()
      await rm(join(folder, '..'), { recursive: true })
    })

    it('applies everything once, in order, and writes what Prisma would have written', async () => {
      database = await open[kind]('blank')
      const sequence =
        kind === 'server'
          ? [await Promise.all([database.migrate(), database.migrate(), database.migrate()])].flat()
          : [await database.migrate()]
      expect(sequence.map(({ applied }) => applied).filter((applied) => applied.length > 0)).to.deep.equal([
        names,
      ])
      expect(await database.migrate()).to.deep.equal({ applied: [] })
      const rows = await database.ask(
        `SELECT migration_name, checksum, applied_steps_count::int, finished_at IS NOT NULL, rolled_back_at IS NULL
           FROM _prisma_migrations ORDER BY started_at`,
      )
      const expected = (await readMigrations()).map(({ name, checksum }) => [name, checksum, 1, true, true])
      expect(rows).to.deep.equal(expected)
    })

    it('applies what is new on top of what was there, functions with semicolons included', async () => {
      database = await open[kind]('own')
      await add(
        '20990101000000_more',
        `DO $$ BEGIN CREATE TABLE "more" (text text); INSERT INTO "more" VALUES ('a;b'); END $$;`,
      )
      expect(await database.migrate(folder)).to.deep.equal({ applied: ['20990101000000_more'] })
      expect(await database.ask('SELECT text FROM "more"')).to.deep.equal([['a;b']])
    })

    it('leaves the database as it was when a migration fails, and goes on when it is mended', async () => {
      database = await open[kind]('blank')
      await add('20990101000000_good', 'CREATE TABLE good (id int);')
      await add('20990101000001_bad', 'CREATE TABLE bad (id int); SELECT 1 / 0;')
      const error = await database.migrate(folder).catch((reason: unknown) => reason)
      expect(error)
        .to.have.property('message')
        .that.matches(/nothing was changed: .*division by zero/)
      const count = `SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace`
      expect(await database.ask(count)).to.deep.equal([[0]])
      await add('20990101000001_bad', 'CREATE TABLE bad (id int);')
      expect((await database.migrate(folder)).applied).to.have.lengthOf(names.length + 2)
    })

    it('refuses a migration that was changed after it was applied, by name', async () => {
      database = await open[kind]('own')
      const first = join(folder, names[0] ?? '', 'migration.sql')
      await writeFile(first, `${await readFile(first, 'utf8')}\n-- afterthought`)
      const error = await database.migrate(folder).catch((reason: unknown) => reason)
      expect(error).to.have.property('message').that.contains(`applied and then changed: ${names[0]}`)
    })

    if (kind === 'server') {
      it('waits for another that is at it, even for Prisma’s own command', async () => {
        database = await open[kind]('blank')
        await database.ask('SELECT pg_advisory_lock(72707369)::text')
        let ended = false
        const waiting = database.migrate().finally(() => {
          ended = true
        })
        const queued = `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
        while ((await database.ask(queued))[0]?.[0] !== 1) await wait(20)
        expect(ended).to.equal(false)
        await database.ask('SELECT pg_advisory_unlock(72707369)')
        expect((await waiting).applied).to.deep.equal(names)
        const left = `SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
        expect(await database.ask(left)).to.deep.equal([[0]])
      })
    }

    async function add(name: string, sql: string): Promise<void> {
      await mkdir(join(folder, name), { recursive: true })
      await writeFile(join(folder, name, 'migration.sql'), sql)
    }
  })
}

function over(pglite: PGlite): Promise<SqlQueryable> {
  return new PrismaPGlite(pglite).connect()
}

function asking(connection: SqlQueryable): (sql: string) => Promise<unknown[][]> {
  return async (sql) => (await connection.queryRaw({ sql, args: [], argTypes: [] })).rows
}
