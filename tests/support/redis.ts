import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { until } from './until.js'

export const installRedis = 'apt-get install redis-server'
/** Title of what is skipped on a machine without Redis. */
export const needsRedis = `needs redis-server (${installRedis})`

export function redisAvailable(): boolean {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0
}

/** A throw-away Redis on a free port of loopback that keeps nothing on disk. */
export interface RedisServer {
  readonly url: string
  /** Ends it as a crash would; it has forgotten everything when it comes back. */
  kill(): Promise<void>
  /** Brings it back on the same port. */
  restart(): Promise<void>
  /** Sends one command and gives its answer. */
  run(...command: readonly [string, ...string[]]): Promise<unknown>
  stop(): Promise<void>
}

export async function startRedis(): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'harta-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null

  async function launch(): Promise<void> {
    child = spawn(
      'redis-server',
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      { stdio: 'ignore' },
    )
    await until('redis-server answers', () => run('PING').then(Boolean, () => false), 10_000)
  }

  async function kill(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async function run(...[name, ...parts]: readonly [string, ...string[]]): Promise<unknown> {
    const connection = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
    connection.on('error', () => {})
    try {
      await connection.connect()
      return await connection.call(name, ...parts)
    } finally {
      connection.disconnect()
    }
  }

  const cleanUp = (): void => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', cleanUp)
  await launch()
  return {
    url,
    kill,
    restart: launch,
    run,
    stop: async () => {
      await kill()
      process.removeListener('exit', cleanUp)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A port of loopback that nobody listens on just now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
