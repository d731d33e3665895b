import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { buildBench } from './harness/build.js'
import type { Benchmark, Figure, Skipped } from './harness/figure.js'
import { isReached, ratioOf } from './harness/figure.js'
import { table } from './harness/table.js'

/** Runs the benchmarks that are named, or all, one after the other; see README.md. */
const here = dirname(fileURLToPath(import.meta.url))
const NAMES = [
  'value',
  'decode',
  'feeds',
  'push',
  'latency',
  'memory',
  'ledger',
  'alerts',
  'fired',
  'backlog',
  'start',
] as const

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !NAMES.some((known) => known === name))
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown.join(', ')}". There are: ${NAMES.join(', ')}`)
  process.exit(2)
}

const folder = await buildBench(join(here, '..'))
if (!readdirSync(folder).includes('run.js')) throw new Error('the benchmarks could not be built')
const lines: (Figure | Skipped)[] = []
const failures: string[] = []
for (const name of NAMES.filter((known) => asked.length === 0 || asked.includes(known))) {
  try {
    lines.push(...(await run(name)))
  } catch (error) {
    failures.push(name)
    console.error(`${name} failed:`, error)
  }
}
process.stdout.write(`\n${table(lines)}\n`)
await writeFile(join(here, 'results.json'), `${JSON.stringify(report(), null, 2)}\n`)
if (failures.length > 0) process.exitCode = 1

async function run(name: string): Promise<readonly (Figure | Skipped)[]> {
  const started = Date.now()
  let doing = 'starting'
  const say = () =>
    process.stderr.write(`${name}: ${doing} (${((Date.now() - started) / 1000).toFixed(0)} s)\n`)
  const timer = setInterval(say, 5_000)
  try {
    const loaded: Readonly<Record<string, Benchmark>> = await import(
      pathToFileURL(join(folder, `${name}.js`)).href
    )
    const benchmark = loaded[name]
    if (benchmark === undefined) throw new Error(`${name}.ts exports no function of its name`)
    return await benchmark({
      progress: (text) => {
        doing = text
        say()
      },
    })
  } finally {
    clearInterval(timer)
  }
}

function report() {
  const [cpu] = cpus()
  return {
    date: new Date().toISOString(),
    machine: {
      cpu: cpu?.model ?? 'unknown',
      cores: cpus().length,
      platform: process.platform,
      arch: process.arch,
    },
    node: process.version,
    failures,
    results: lines.map((line) =>
      'skipped' in line ? line : { ...line, ratio: ratioOf(line), reached: isReached(line) },
    ),
  }
}
