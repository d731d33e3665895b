// What `npm run ...` starts. Node built-ins only, so that it works before anything is installed: it installs
// what is missing or old, builds what is stale, then hands over to the program and passes on its signals.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
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
  await checked({
    types: ['node_modules/typescript/bin/tsc', '--noEmit'],
    lint: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
    'unused code': ['node_modules/knip/bin/knip.js'],
  })
  await run(process.execPath, ['node_modules/mocha/bin/mocha.js', ...(rest.length > 0 ? rest : testFiles())])
}

/** These take longest and begin first, what waits beside what works, lest one of them is left alone at the end. */
const LONG = [
  'journey/alerts',
  'client-sdk/dashboard.',
  'client-sdk/dashboard-',
  'journey/',
  'prices/survival',
  'client-sdk/widgets',
  'gateway/nodes',
]

function testFiles() {
  const place = (name) => {
    const found = LONG.findIndex((start) => name.startsWith(start))
    return found < 0 ? LONG.length : found
  }
  return readdirSync(join(root, 'tests'), { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .sort((one, other) => place(one) - place(other))
    .map((name) => `tests/${name}`)
}

/** All at the same time, as they share nothing; shows what those say that fail, and ends with them. */
async function checked(checks) {
  const failed = await Promise.all(
    Object.entries(checks).map(async ([name, args]) => {
      const started = Date.now()
      process.stderr.write(`${name} ...\n`)
      const output = await complaint(args)
      const seconds = ((Date.now() - started) / 1000).toFixed(1)
      if (output === null) process.stderr.write(`${name}: fine (${seconds} s)\n`)
      else process.stderr.write(`${name}: failed (${seconds} s)\n\n${output}\n`)
      return output !== null
    }),
  )
  if (failed.includes(true)) process.exit(1)
}

/** What it said, when it fails; else null. */
function complaint(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    const end = (signal) => {
      child.kill(signal)
      process.exit(1)
    }
    process.on('SIGINT', end)
    process.on('SIGTERM', end)
    const output = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => output.push(part))
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => {
      process.off('SIGINT', end)
      process.off('SIGTERM', end)
      if (code === 0) resolve(null)
      else resolve(Buffer.concat(output).toString('utf8') || `ended with ${code ?? signal}`)
    })
  })
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
