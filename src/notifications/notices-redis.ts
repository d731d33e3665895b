import type { Redis } from 'ioredis'
import type { Log } from '../lib/log.js'
import type { Told } from './news.js'
import type { NoticeListener, Notices } from './notices.js'
import { told as toldSchema } from './schema.js'

const CHANNEL = 'harta:notices'
const MOST_IN_A_MESSAGE = 200

/**
 * Notices over one channel of Redis. `connect` opens a connection that comes back by itself; one that waits keeps
 * its commands until it is back. A subscription that was cut says so once it hears again.
 */
export function createRedisNotices(options: {
  readonly connect: (name: string, waits: boolean) => Redis
  readonly log: Log
}): Notices {
  const { connect, log } = options
  const commands = connect('notices', false)
  const listeners = new Set<NoticeListener>()
  let subscriber: Redis | null = null

  function openSubscriber(): Redis {
    const connection = connect('notices subscriber', true)
    let readyBefore = false
    connection.on('message', (_: string, text: string) => {
      const told = readTold(text)
      if (told.length > 0) for (const listener of listeners) listener.told(told)
    })
    connection.on('ready', () => {
      if (readyBefore) resubscribe(connection)
      readyBefore = true
    })
    return connection
  }

  /** Tells of the loss only once the channel is heard again: what is published from then on is not missed. */
  function resubscribe(connection: Redis): void {
    connection.subscribe(CHANNEL).then(
      () => {
        for (const listener of listeners) listener.lost()
      },
      () => {}, // cut again; the next connection tries anew
    )
  }

  return {
    async publish(told) {
      const chunks: Promise<unknown>[] = []
      for (let first = 0; first < told.length; first += MOST_IN_A_MESSAGE) {
        const text = JSON.stringify(told.slice(first, first + MOST_IN_A_MESSAGE))
        chunks.push(commands.publish(CHANNEL, text))
      }
      const failed = (await Promise.allSettled(chunks)).find(({ status }) => status === 'rejected')
      if (failed)
        log.warn({ err: (failed as PromiseRejectedResult).reason }, 'notices could not be published')
    },
    async subscribe(listener) {
      listeners.add(listener)
      if (subscriber === null) {
        subscriber = openSubscriber()
        await subscriber.subscribe(CHANNEL)
      }
      return async () => {
        listeners.delete(listener)
      }
    },
    async close() {
      commands.disconnect()
      subscriber?.disconnect()
    },
  }
}

/** What comes over Redis was written by us, but Redis is outside: what is no notification is passed over. */
function readTold(text: string): readonly Told[] {
  let items: unknown
  try {
    items = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(items)) return []
  return items.flatMap((item) => {
    const read = toldSchema.safeParse(item)
    return read.success ? [read.data] : []
  })
}
