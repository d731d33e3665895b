import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openEmbedded } from './embedded.js'
import { migrateEmbedded } from './migrate.js'
import { readMigrations } from './migrations.js'

/** Made by the build: a migrated database without rows, as a dump of its folder. */
const FILE = fileURLToPath(new URL('../../prisma/snapshot/empty.tar', import.meta.url))

/**
 * What a new embedded database begins from. Making one from nothing takes seconds of work that are the same every
 * time; without the file they are spent at the first start. Migrations newer than it are applied as always.
 */
export async function readSnapshot(): Promise<Blob | undefined> {
  const dump = await readFile(FILE).catch(() => null)
  return dump === null ? undefined : new Blob([new Uint8Array(dump)], { type: 'application/x-tar' })
}

export async function writeSnapshot(): Promise<void> {
  const { pglite, close } = await openEmbedded(null)
  try {
    await migrateEmbedded(pglite, await readMigrations())
    const dump = await pglite.dumpDataDir('none')
    await mkdir(dirname(FILE), { recursive: true })
    await writeFile(FILE, new Uint8Array(await dump.arrayBuffer()))
  } finally {
    await close()
  }
}
