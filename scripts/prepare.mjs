// Installing and building, for scripts/harta.mjs. Each part of the build has a stamp of its inputs' contents and
// is skipped when they have not changed.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'

/** Installs the locked packages when one of them is missing or of another version. */
export async function installed(root) {
  if (isInstalled(root)) return
  await told('installing packages (once)', () =>
    quietly(root, process.platform === 'win32' ? 'npm.cmd' : 'npm', [
      'ci',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      ...(process.env.NODE_ENV === 'production' && existsSync(join(root, 'dist'))
        ? ['--omit=dev']
        : ['--include=dev']),
    ]),
  )
}

function isInstalled(root) {
  const there = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(there)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const found = JSON.parse(readFileSync(there, 'utf8')).packages
  const production = process.env.NODE_ENV === 'production'
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.link || entry.optional || entry.devOptional || entry.peer)
      return true
    if (production && entry.dev) return true
    return found[path]?.version === entry.version
  })
}

const PARTS = [
  {
    name: 'prisma',
    title: 'database client',
    inputs: ['prisma/schema.prisma', 'prisma/generate.mjs'],
    output: 'src/generated/prisma',
    make: generate,
  },
  { name: 'server', title: 'server', inputs: ['src'], output: 'dist', make: transpile },
  {
    name: 'client',
    title: 'browser package and dashboard',
    inputs: ['client-sdk', 'src/protocol'],
    output: 'client-sdk/dist',
    make: bundle,
  },
  {
    name: 'snapshot',
    title: 'empty database',
    inputs: ['prisma/migrations', 'src/database'],
    output: 'prisma/snapshot',
    make: dump,
  },
]

/** Builds what is stale; without the build tools (a pruned production install) what was built before is used. */
export async function build(root, { only } = {}) {
  if (!existsSync(join(root, 'node_modules', 'esbuild'))) return
  for (const part of PARTS) {
    if (only && !only.includes(part.name)) continue
    const stamp = join(root, 'node_modules', `.harta-${part.name}`)
    const now = fingerprint(root, part.inputs)
    const done =
      existsSync(join(root, part.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now
    if (done) continue
    await told(`building the ${part.title}`, () => part.make(root))
    writeFileSync(stamp, part.name === 'prisma' ? now : fingerprint(root, part.inputs))
  }
}

function generate(root) {
  return quietly(root, process.execPath, ['prisma/generate.mjs'])
}

async function transpile(root) {
  const { build: esbuild } = await import('esbuild')
  const source = join(root, 'src')
  const output = join(root, 'dist')
  rmSync(output, { recursive: true, force: true })
  await esbuild({
    entryPoints: filesIn(source).filter((file) => file.endsWith('.ts')),
    outdir: output,
    outbase: source,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'error',
  })
  for (const file of filesIn(source).filter((name) => !name.endsWith('.ts'))) {
    const target = join(output, relative(source, file))
    mkdirSync(join(target, '..'), { recursive: true })
    cpSync(file, target)
  }
}

function bundle(root) {
  return quietly(root, process.execPath, ['client-sdk/build.mjs'])
}

function dump(root) {
  return quietly(root, process.execPath, ['dist/database/make-snapshot.js'])
}

function fingerprint(root, inputs) {
  const hash = createHash('sha256')
  for (const input of inputs) {
    const path = join(root, input)
    const files = statSync(path).isDirectory() ? filesIn(path) : [path]
    for (const file of files) {
      hash.update(`${relative(root, file)}\0`)
      hash.update(readFileSync(file))
      hash.update('\0')
    }
  }
  return hash.digest('hex')
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'dist')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)],
    )
}

/** Says what is under way, every five seconds again, and how long it took. */
async function told(title, work) {
  const started = Date.now()
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`
  process.stderr.write(`${title} ...\n`)
  const timer = setInterval(() => process.stderr.write(`${title} ... ${seconds()}\n`), 5_000)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  process.stderr.write(`${title}: done (${seconds()})\n`)
}

/** Runs a command without its output, which is shown when it fails. */
function quietly(root, file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: file.endsWith('.cmd'),
    })
    const output = []
    child.stdout.on('data', (chunk) => output.push(chunk))
    child.stderr.on('data', (chunk) => output.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new Error(`${args.join(' ')} failed with code ${code}\n${Buffer.concat(output).toString('utf8')}`),
        )
    })
  })
}
