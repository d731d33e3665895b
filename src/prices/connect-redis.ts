import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import type { Log } from '../lib/log.js'

/**
 * A connection that comes back by itself, also when the other side has gone without a word. Commands on it fail
 * soon while Redis is away, so that whoever sent them decides what becomes of them; one that `waits` (a
 * subscriber's) keeps them until it is back, and is pinged: it only listens, so it would not notice that nobody
 * speaks any more.
 */
export function connectRedis(url: string, log: Log, name: string, waits = false): Redis {
  const connection = new Redis(url, {
    connectTimeout: 5_000,
    socketTimeout: SILENCE_MS,
    ...(waits ? {} : { commandTimeout: 2_000 }),
    maxRetriesPerRequest: waits ? null : 1,
    autoResubscribe: false,
    enableOfflineQueue: true,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
  })
  let reported = false
  connection.on('error', (error: unknown) => {
    if (!reported) log.warn({ err: error, connection: name }, 'Redis is lost')
    reported = true
  })
  connection.on('ready', () => {
    if (reported) log.info({ connection: name }, 'Redis is back')
    reported = false
  })
  if (waits) pingRegularly(connection)
  return connection
}

function pingRegularly(connection: Redis): void {
  const timer = setInterval(() => {
    if (connection.status === 'ready') connection.ping().catch(() => {}) // it is cut, and comes back
  }, PING_MS)
  connection.once('end', () => clearInterval(timer))
}

const PING_MS = 3_000

/** A connection that does not answer a command for so long is dead. */
const SILENCE_MS = 4_000

/** What a command comes to whose connection is lost; what Redis itself answers is a ReplyError. */
export function isRedisLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'MaxRetriesPerRequestError' || LOST.includes(error.message)
}

const LOST = ['Command timed out', 'Connection is closed.']

export type Script = (
  connection: Redis,
  keys: readonly string[],
  values: readonly (string | number)[],
) => Promise<unknown>

/** Runs `lua` by its hash; a Redis that does not know it, new or restarted, is told the text once. */
export function redisScript(lua: string): Script {
  const hash = createHash('sha1').update(lua).digest('hex')
  return async (connection, keys, values) => {
    try {
      return await connection.evalsha(hash, keys.length, ...keys, ...values)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return connection.eval(lua, keys.length, ...keys, ...values)
    }
  }
}
