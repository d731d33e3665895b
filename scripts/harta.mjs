// What `npm run ...` starts. Node built-ins only, so that it works before anything is installed: it installs
// what is missing or old, builds what is stale, then hands over to the program and passes on its signals.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, installed } from './prepare.mjs'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [command = 'start', ...rest] = process.argv.slice(2)

const dist = (file) => join('dist', file)
const COMMANDS = {
  demo: () => program(['main.js', 'demo']),
  start: () => program(['main.js', 'all']),
  'start:web': () => program(['main.js', 'web']),
  'start:worker': () => program(['main.js', 'worker']),
  admin: () => program(['main.js', 'admin']),
  'db:migrate': () => program(['main.js', 'migrate']),
  replay: () => program(['feeds/replay/main.js']),
  build: () => build(root),
  test: () => test(),
  bench: async () => {
    await build(root)
    await run(process.execPath, ['--import=tsx', 'bench/run.ts', ...rest])
  },
  'db:diff': async () => {
    await build(root, { only: ['prisma'] })
    await run(process.execPath, ['--import=tsx', 'prisma/diff.ts', ...rest])
  },
}

async function program([file, ...args]) {
  await build(root)
  if (!existsSync(join(root, dist(file)))) throw new Error(`${dist(file)} is missing: run "npm run build"`)
  await run(process.execPath, ['--enable-source-maps', dist(file), ...args, ...rest])
}

async function test() {
  await build(root)
  await step('types', () => run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit']))
  await step('lint', () => run(process.execPath, ['node_modules/@biomejs/biome/bin/biome', 'check', '.']))
  await step('unused code', () => run(process.execPath, ['node_modules/knip/bin/knip.js']))
  await run(process.execPath, [
    'node_modules/mocha/bin/mocha.js',
    ...(rest.length > 0 ? rest : ['tests/**/*.test.ts']),
  ])
}

async function step(name, work) {
  const started = Date.now()
  process.stderr.write(`${name} ...\n`)
  await work()
  process.stderr.write(`${name}: fine (${((Date.now() - started) / 1000).toFixed(1)} s)\n`)
}

/** Runs to the end; a program that fails or is ended by a signal ends this one in the same way. */
function run(file, args) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: 'inherit' })
    const pass = (signal) => child.kill(signal)
    process.on('SIGINT', pass)
    process.on('SIGTERM', pass)
    child.on('error', (error) => {
      console.error(error.message)
      process.exit(1)
    })
    child.on('exit', (code, signal) => {
      process.off('SIGINT', pass)
      process.off('SIGTERM', pass)
      if (code === 0) resolve()
      else process.exit(code ?? (signal ? 1 : 0))
    })
  })
}

const chosen = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
if (!chosen) {
  console.error(`There is no command "${command}". There are: ${Object.keys(COMMANDS).join(', ')}`)
  process.exit(2)
}
try {
  await installed(root)
  await chosen()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
