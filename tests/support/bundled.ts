import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'

/** As deep below the root as the files of src/, so that what lies beside src/ is found from there too. */
const FOLDER = fileURLToPath(new URL('../../node_modules/.harta-tests', import.meta.url))

/** For Node: WebAssembly as V8 first compiles it. To make it fast takes longer than what a test starts lives. */
export const SHORT_LIVED = '--liftoff-only'

const made = new Map<string, string>()

/**
 * What Node is to run for a program of ours: the file and all of ours that it imports, in one, as they are now.
 * It starts in a third of the time that compiling each of them on the way takes.
 */
export function bundled(entry: URL): string {
  const source = fileURLToPath(entry)
  const known = made.get(source)
  if (known !== undefined) return known
  const file = join(FOLDER, `${basename(source, '.ts')}-${process.pid}.mjs`)
  mkdirSync(FOLDER, { recursive: true })
  buildSync({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  process.once('exit', () => rmSync(file, { force: true }))
  made.set(source, file)
  return file
}
