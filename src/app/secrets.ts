import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key that signs access tokens: the given one, else one made once and kept in the data folder (mode 0600). */
export async function signingKey(given: string | null, dataDir: string): Promise<KeyObject> {
  if (given !== null) return createSecretKey(Buffer.from(given, 'utf8'))
  const file = join(dataDir, 'jwt-secret')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await writeFile(file, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  const kept = (await readFile(file, 'utf8')).trim()
  if (Buffer.byteLength(kept) < 32) throw new Error(`${file} is damaged: it has to hold at least 32 bytes`)
  return createSecretKey(Buffer.from(kept, 'utf8'))
}
