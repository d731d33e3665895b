import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** Made by the build (make-snapshot.ts): a migrated database without rows, as a dump of its folder. */
export const SNAPSHOT_FILE = fileURLToPath(new URL('../../prisma/snapshot/empty.tar', import.meta.url))

/**
 * What a new embedded database begins from. Making one from nothing takes seconds of work that are the same every
 * time; without the file they are spent at the first start. Migrations newer than it are applied as always.
 */
export async function readSnapshot(): Promise<Blob | undefined> {
  const dump = await readFile(SNAPSHOT_FILE).catch(() => null)
  return dump === null ? undefined : new Blob([new Uint8Array(dump)], { type: 'application/x-tar' })
}
