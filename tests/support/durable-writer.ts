/**
 * Adds users to the embedded database in the folder of its argument, one transaction each, as fast as it can;
 * writes a line with the id as soon as a commit was acknowledged. Goes on until it is killed.
 */
import { writeSync } from 'node:fs'
import { openDatabase } from '../../src/database/database.js'

const [dataDir = ''] = process.argv.slice(2)
const database = await openDatabase({ kind: 'embedded', dataDir })
for (let turn = 0; ; turn += 1) {
  const data = { email: `${process.pid}-${turn}@example.org`, passwordHash: 'x'.repeat(2_000) }
  const { id } = await database.asSystem((tx) => tx.user.create({ data, select: { id: true } }))
  writeSync(1, `${id}\n`)
}
