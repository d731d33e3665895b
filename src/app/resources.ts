import { join } from 'node:path'
import { createAdapter } from '@socket.io/redis-adapter'
import { Redis } from 'ioredis'
import { type Database, openDatabase } from '../database/database.js'
import { migrate } from '../database/migrate.js'
import type { DatabaseTarget } from '../database/target.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import type { Tell } from '../notifications/news.js'
import { type Notices, tellBy } from '../notifications/notices.js'
import { createMemoryNotices } from '../notifications/notices-memory.js'
import { createRedisNotices } from '../notifications/notices-redis.js'
import { connectRedis, isRedisLost } from '../prices/connect-redis.js'
import type { Coordination } from '../prices/coordination.js'
import { createMemoryCoordination } from '../prices/coordination-memory.js'
import { createRedisCoordination } from '../prices/coordination-redis.js'
import type { PriceWire } from '../prices/wire.js'
import { createMemoryWire } from '../prices/wire-memory.js'
import { createRedisWire } from '../prices/wire-redis.js'
import type { Config, Secrets } from './config.js'

/** Everything outside of the process that its parts work with. */
export interface Resources {
  readonly db: Database
  /** Since when nobody else has used the database; null when others may. ms since the epoch. */
  readonly aloneSince: number | null
  readonly wire: PriceWire
  /** What the workers agree on among themselves. */
  readonly coordination: Coordination
  /** Carries notifications to the processes whose sockets they are for. */
  readonly notices: Notices
  /** Tells open sockets by these, of what is committed. */
  readonly tell: Tell
  /** For rate limits; null when one process counts alone. */
  readonly redis: Redis | null
  /** Carries facts between the nodes' sockets; undefined when there is one node. */
  readonly adapter: ReturnType<typeof createAdapter> | undefined
}

export function databaseTarget(config: Config, secrets: Secrets): DatabaseTarget {
  return secrets.databaseUrl === null
    ? { kind: 'embedded', dataDir: join(config.dataDir, 'database') }
    : { kind: 'server', url: secrets.databaseUrl }
}

/** How a database is opened. */
export type OpenDatabase = (target: DatabaseTarget) => Promise<Database>

interface ResourcesOptions {
  readonly config: Config
  readonly secrets: Secrets
  readonly clock: Clock
  readonly log: Log
  readonly open?: OpenDatabase | undefined
}

/** Opens database, cache and wire: embedded ones where no address is given. */
export async function openResources(
  life: Lifetime,
  { config, secrets, clock, log, open: opener = openDatabase }: ResourcesOptions,
): Promise<Resources> {
  const target = databaseTarget(config, secrets)
  if (config.part === 'all' && target.kind === 'server') await migrate(target)
  const db = life.add(await opener(target), (open) => open.close())
  // The folder of an embedded database is locked by the one process that has it open.
  const aloneSince = target.kind === 'embedded' ? clock.now() : null
  const { redisUrl } = secrets
  if (redisUrl === null) {
    const now = () => clock.now()
    const coordination = createMemoryCoordination({ now })
    const wire = life.add(createMemoryWire({ now, coordination }), (open) => open.close())
    const notices = life.add(createMemoryNotices(), (open) => open.close())
    const tell = tellBy(notices)
    return { db, aloneSince, wire, coordination, notices, tell, redis: null, adapter: undefined }
  }
  const wire = life.add(createRedisWire({ url: redisUrl, now: () => clock.now(), log }), (open) =>
    open.close(),
  )
  const coordination = life.add(createRedisCoordination({ url: redisUrl, log }), (open) => open.close())
  const connect = (name: string, waits: boolean) => connectRedis(redisUrl, log, name, waits)
  const notices = life.add(createRedisNotices({ connect, log }), (open) => open.close())
  const redis = life.add(
    openRedis(redisUrl, log, { enableOfflineQueue: false, commandTimeout: 2_000 }),
    close,
  )
  const publisher = life.add(openRedis(redisUrl, log), close)
  const subscriber = life.add(openRedis(redisUrl, log), close)
  await wire.ping().catch((cause: unknown) => {
    if (!isRedisLost(cause)) {
      const detail = 'Redis refuses the user or the password of REDIS_URL.'
      throw new AppError('invalid', 'redis-refused', detail, { cause })
    }
    const detail = 'Redis does not answer at REDIS_URL; is it running, and is the address right?'
    throw new AppError('unavailable', 'redis-unavailable', detail, { cause })
  })
  const adapter = createAdapter(forFacts(publisher, log), subscriber)
  return { db, aloneSince, wire, coordination, notices, tell: tellBy(notices), redis, adapter }
}

/**
 * The connection on which facts go out. The adapter leaves the promises of its publications alone, so one that
 * fails is dealt with here; the sweep of the other nodes finds what it would have told.
 */
function forFacts(connection: Redis, log: Log): Redis {
  const publish = connection.publish.bind(connection)
  connection.publish = async (channel: string | Buffer, message: string | Buffer) =>
    publish(channel, message).catch((error: unknown) => {
      log.warn({ err: error }, 'a fact could not be told to the other nodes')
      return 0
    })
  return connection
}

function openRedis(
  url: string,
  log: Log,
  options: { enableOfflineQueue?: boolean; commandTimeout?: number } = {},
): Redis {
  const connection = new Redis(url, {
    connectTimeout: 5_000,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random() / 2),
    ...options,
  })
  connection.on('error', (error: unknown) => log.debug({ err: error }, 'Redis connection'))
  return connection
}

function close(connection: Redis): void {
  connection.disconnect()
}
