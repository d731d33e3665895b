import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { lockFolder } from './folder-lock.js'

/** A running PGlite; `close` also gives up the folder. */
export interface Embedded {
  readonly pglite: PGlite
  readonly close: () => Promise<void>
}

/**
 * Opens the embedded database in `dataDir`, or in memory when that is null. PGlite writes files that everybody
 * may write, so the folder around them is closed to others first; and it cannot see a second process at work on
 * the same files, which would ruin them, so the folder is locked. `snapshot` is a dump to begin from instead of an
 * empty database; it takes a folder without one.
 */
export async function openEmbedded(dataDir: string | null, snapshot?: Blob): Promise<Embedded> {
  const contents = snapshot ? { loadDataDir: snapshot } : {}
  if (dataDir === null) {
    const pglite = await PGlite.create(contents)
    return { pglite, close: () => pglite.close() }
  }
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await chmod(dataDir, 0o700)
  const unlock = await lockFolder(dataDir)
  try {
    const pglite = await PGlite.create({ dataDir: join(dataDir, 'postgres'), ...contents })
    return {
      pglite,
      close: async () => {
        await pglite.close()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}
