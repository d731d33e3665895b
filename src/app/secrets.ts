import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The key that signs access tokens: the given one, else one made once and kept in the data folder (mode 0600). */
export async function signingKey(given: string | null, dataDir: string): Promise<KeyObject> {
  if (given !== null) return createSecretKey(Buffer.from(given, 'utf8'))
  const file = join(dataDir, 'jwt-secret')
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await makeOnce(file, randomBytes(48).toString('base64url'))
  const kept = (await readFile(file, 'utf8')).trim()
  if (Buffer.byteLength(kept) < 32) throw new Error(`${file} is damaged: it has to hold at least 32 bytes`)
  return createSecretKey(Buffer.from(kept, 'utf8'))
}

/** Writes a file that is not there yet; whole or not at all, whoever else does the same or is killed meanwhile. */
async function makeOnce(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    await link(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft, { force: true })
  }
}
