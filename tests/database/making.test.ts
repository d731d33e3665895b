import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openDatabase, openOn } from '../../src/database/database.js'
import { openEmbedded } from '../../src/database/embedded.js'
import { migrateEmbedded } from '../../src/database/migrate.js'
import { readMigrations } from '../../src/database/migrations.js'
import { addUser } from '../support/database.js'

describe('an embedded database that is made', function () {
  this.timeout(60_000)
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'harta-making-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is made again when it was killed half-way, and is whole and migrated then', async () => {
    mkdirSync(join(folder, 'postgres.new', 'base'), { recursive: true })
    writeFileSync(join(folder, 'postgres.new', 'PG_VERSION'), 'half')
    const database = await openDatabase({ kind: 'embedded', dataDir: folder })
    const id = await addUser(database)
    await database.close()
    expect(existsSync(join(folder, 'postgres.new'))).to.equal(false)
    const embedded = await openEmbedded(folder)
    expect(await migrateEmbedded(embedded.pglite, await readMigrations())).to.deep.equal({ applied: [] })
    const again = await openOn(embedded)
    const found = await again.asSystem((tx) => tx.user.findUnique({ where: { id }, select: { id: true } }))
    await again.close()
    expect(found).to.deep.equal({ id })
  })
})
