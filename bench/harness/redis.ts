import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'

/** What to say where redis-server is missing. */
export const NO_REDIS = 'redis-server is missing: apt-get install redis-server (macOS: brew install redis)'

export function hasRedis(): boolean {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => folder !== '' && existsSync(join(folder, 'redis-server')))
}

export interface RedisServer {
  readonly url: string
  /** How often each command was called so far, also inside of scripts; without this question itself. */
  calls(): Promise<ReadonlyMap<string, number>>
  stop(): Promise<void>
}

/** A Redis of our own on a free port of loopback, which keeps nothing. */
export async function startRedis(): Promise<RedisServer> {
  const port = await freePort()
  const server = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()],
    { stdio: 'ignore' },
  )
  process.once('exit', () => server.kill('SIGKILL'))
  const url = `redis://127.0.0.1:${port}`
  try {
    await answers(url, server)
  } catch (error) {
    server.kill('SIGKILL')
    throw error
  }
  return { url, calls: () => calls(url), stop: () => end(server) }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()))
    })
  })
}

async function answers(url: string, server: ChildProcess): Promise<void> {
  const client = new Redis(url, { retryStrategy: (attempt) => (attempt > 100 ? null : 50) })
  client.on('error', () => {}) // refused until the server listens
  try {
    if (server.exitCode !== null) throw new Error('redis-server did not start')
    await client.ping()
  } finally {
    client.disconnect()
  }
}

async function calls(url: string): Promise<ReadonlyMap<string, number>> {
  const client = new Redis(url)
  try {
    const lines = (await client.info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)
    return new Map(
      [...lines].flatMap(([, name, count]) =>
        name === undefined || name === 'info' ? [] : [[name, Number(count)]],
      ),
    )
  } finally {
    client.disconnect()
  }
}

function end(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) return resolve()
    server.once('exit', () => resolve())
    server.kill('SIGTERM')
  })
}
