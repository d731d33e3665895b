/**
 * Writes the database client into src/generated/prisma. Prisma's CLI would fetch its schema engine first, which
 * writing a client never runs: any executable in its place keeps the whole thing offline.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const manifest = createRequire(import.meta.url).resolve('prisma/package.json')
const cli = join(dirname(manifest), 'build', 'index.js')

const run = spawnSync(process.execPath, [cli, 'generate', '--no-hints', '--schema', 'prisma/schema.prisma'], {
  cwd: root,
  encoding: 'utf8',
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
    DO_NOT_TRACK: '1',
    NO_COLOR: '1',
  },
})

if (run.status !== 0) {
  process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}`)
  process.stderr.write(`prisma generate failed${run.error ? `: ${run.error.message}` : ''}\n`)
  process.exitCode = 1
}
