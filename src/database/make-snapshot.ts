import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { openEmbedded } from './embedded.js'
import { migrateEmbedded } from './migrate.js'
import { readMigrations } from './migrations.js'
import { SNAPSHOT_FILE } from './snapshot.js'

// A program of the build: makes the empty database that new embedded ones begin from.
const { pglite, close } = await openEmbedded(null)
await migrateEmbedded(pglite, await readMigrations())
const dump = await pglite.dumpDataDir('none')
await mkdir(dirname(SNAPSHOT_FILE), { recursive: true })
await writeFile(`${SNAPSHOT_FILE}.new`, new Uint8Array(await dump.arrayBuffer()))
await rename(`${SNAPSHOT_FILE}.new`, SNAPSHOT_FILE)
await close()
// The schema engine leaves a timer of ten seconds behind.
process.exit(0)
