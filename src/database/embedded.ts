import { access, chmod, mkdir, rename, rm } from 'node:fs/promises'
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
 * the same files, which would ruin them, so the folder is locked. A new database is made beside its place and
 * moved there when it is whole, so one that was killed while it was made is made again. `snapshot` is a dump to
 * begin from instead of an empty database; where there is a database already it is not looked at.
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
    const place = join(dataDir, 'postgres')
    if (!(await isThere(place))) await make(place, contents)
    const pglite = await PGlite.create({ dataDir: place })
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

async function make(place: string, contents: { readonly loadDataDir?: Blob }): Promise<void> {
  const unfinished = `${place}.new`
  await rm(unfinished, { recursive: true, force: true })
  const pglite = await PGlite.create({ dataDir: unfinished, ...contents })
  await pglite.close()
  await rename(unfinished, place)
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
