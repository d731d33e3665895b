import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import type { Bench, Figure } from './harness/figure.js'
import { ROOT, sleep, temporaryFolder } from './harness/house.js'
import { freePort } from './harness/redis.js'

const LONGEST_MS = 60_000

/** From `npm run demo`, with everything installed and built, to the first number that moves on the socket. */
export async function start(bench: Bench): Promise<readonly Figure[]> {
  bench.progress('measuring an empty database')
  const floor = await emptyDatabase()
  const demos: number[] = []
  for (const round of [1, 2]) {
    bench.progress(`starting the demo (${round} of 2)`)
    demos.push(await demo())
  }
  return [
    {
      name: 'start: npm run demo to a moving number',
      figure: Math.min(...demos),
      unit: 's',
      floor: { name: 'node and an empty PGlite', figure: floor },
      goal: { of: 'figure', atMost: 10 },
      note: `the better of ${demos.map((seconds) => seconds.toFixed(1)).join(' and ')} s`,
    },
  ]
}

/** Seconds until a new process has opened an embedded database. */
async function emptyDatabase(): Promise<number> {
  const folder = temporaryFolder()
  const began = performance.now()
  const script =
    "const { PGlite } = await import('@electric-sql/pglite'); const d = await PGlite.create(process.argv[1]); await d.query('SELECT 1'); await d.close()"
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(folder.path, 'empty')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: ROOT,
  })
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  const seconds = (performance.now() - began) / 1000
  folder.remove()
  if (code !== 0) throw new Error('an empty database could not be opened')
  return seconds
}

async function demo(): Promise<number> {
  const port = await freePort()
  const began = performance.now()
  const child = spawn('npm', ['run', '--silent', 'demo'], {
    cwd: ROOT,
    env: { ...process.env, PORT: String(port), NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const end = (signal: NodeJS.Signals) => {
    // npm starts a shell, which starts the program: the whole group that was started here ends.
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, signal)
  }
  const forced = () => end('SIGKILL')
  process.once('exit', forced)
  try {
    await firstUpdate(`http://127.0.0.1:${port}`)
    return (performance.now() - began) / 1000
  } finally {
    end('SIGTERM')
    await Promise.race([gone, sleep(20_000).then(forced)])
    process.off('exit', forced)
  }
}

async function firstUpdate(url: string): Promise<void> {
  const until = performance.now() + LONGEST_MS
  while (performance.now() < until) {
    try {
      const token = await signIn(url)
      await update(url, token)
      return
    } catch {
      await sleep(25)
    }
  }
  throw new Error(`no number moved within ${LONGEST_MS / 1000} s`)
}

async function signIn(url: string): Promise<string> {
  const login = await (await fetch(`${url}/demo.json`)).json()
  const response = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(login),
  })
  if (response.status !== 200) throw new Error(`sign-in answers ${response.status}`)
  return ((await response.json()) as { accessToken: string }).accessToken
}

function update(url: string, token: string): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
  return new Promise<void>((resolve, reject) => {
    socket.on('message', (data) => {
      const text = String(data)
      if (text.startsWith('0')) socket.send(`40${JSON.stringify({ token })}`)
      else if (text === '2') socket.send('3')
      else if (text.startsWith('42["portfolio:update"')) resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed')))
  }).finally(() => socket.terminate())
}
