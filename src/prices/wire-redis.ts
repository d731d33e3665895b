import type { Redis } from 'ioredis'
import type { Log } from '../lib/log.js'
import { connectRedis } from './connect-redis.js'
import type { Quote } from './tick.js'
import type { PriceWire, QuoteListener } from './wire.js'

const CACHE = 'harta:prices'
const PUBLISHED = 'harta:prices:published'
const DEMAND = 'harta:prices:demand'
const DEMANDED = 'harta:prices:demanded'

/**
 * The wire over Redis: one hash for the cache, one channel each way. A write is one HSET and one PUBLISH in a
 * pipeline, whatever the number of quotes. Commands fail at once while Redis is away (the publisher keeps the
 * newest quotes and tries again); the subscription comes back by itself and then says that it was lost.
 */
export function createRedisWire(options: { url: string; now: () => number; log: Log }): PriceWire {
  const commands = connectRedis(options.url, options.log, 'wire')
  const readers = new Set<QuoteListener>()
  const workers = new Set<() => void>()
  let subscriber: Redis | null = null
  const subscribed = new Set<string>()

  async function listen(channel: string): Promise<void> {
    subscriber ??= openSubscriber()
    if (subscribed.has(channel)) return
    subscribed.add(channel)
    await subscriber.subscribe(channel)
  }

  function openSubscriber(): Redis {
    const connection = connectRedis(options.url, options.log, 'subscriber', true)
    let readyBefore = false
    connection.on('message', (channel: string, text: string) => {
      if (channel === DEMAND) for (const wake of workers) wake()
      else if (channel === PUBLISHED) {
        const quotes = readQuotes(text)
        for (const reader of readers) reader.quotes(quotes)
      }
    })
    connection.on('ready', () => {
      if (readyBefore) resubscribe(connection)
      readyBefore = true
    })
    return connection
  }

  /** Tells of the loss only once the channels are heard again: what is published from then on is not missed. */
  function resubscribe(connection: Redis): void {
    connection.subscribe(...subscribed).then(
      () => {
        for (const reader of readers) reader.lost()
        for (const wake of workers) wake()
      },
      () => {}, // cut again; the next connection tries anew
    )
  }

  return {
    async write(quotes) {
      if (quotes.length === 0) return
      const fields: string[] = []
      const texts: string[] = []
      for (const quote of quotes) {
        const text = JSON.stringify(quote)
        fields.push(quote.symbol, text)
        texts.push(text)
      }
      const answers = await commands
        .pipeline()
        .hset(CACHE, ...fields)
        .publish(PUBLISHED, `[${texts.join(',')}]`)
        .exec()
      for (const [error] of answers ?? []) if (error) throw error
    },
    async readAll() {
      const fields = await commands.hgetall(CACHE)
      return Object.values(fields).flatMap((text) => readQuotes(`[${text}]`))
    },
    async subscribe(listener) {
      readers.add(listener)
      await listen(PUBLISHED)
      return async () => {
        readers.delete(listener)
      }
    },
    async demand(symbols, forMs) {
      const pipeline = commands.pipeline()
      const until = options.now() + forMs
      if (symbols.length > 0) pipeline.zadd(DEMANDED, ...symbols.flatMap((symbol) => [String(until), symbol]))
      await pipeline.publish(DEMAND, '').exec()
    },
    async demanded() {
      await commands.zremrangebyscore(DEMANDED, '-inf', String(options.now()))
      return commands.zrange(DEMANDED, '0', '-1')
    },
    async onDemand(listener) {
      workers.add(listener)
      await listen(DEMAND)
      return async () => {
        workers.delete(listener)
      }
    },
    async ping() {
      await commands.ping()
    },
    async close() {
      commands.disconnect()
      subscriber?.disconnect()
    },
  }
}

/** What stands in Redis was written by us, but Redis is outside: an entry that is no quote is passed over. */
function readQuotes(text: string): readonly Quote[] {
  try {
    const quotes: unknown = JSON.parse(text)
    return Array.isArray(quotes) ? quotes.filter(isQuote) : []
  } catch {
    return []
  }
}

function isQuote(value: unknown): value is Quote {
  if (typeof value !== 'object' || value === null) return false
  const quote = value as Record<keyof Quote, unknown>
  return (
    typeof quote.symbol === 'string' &&
    typeof quote.source === 'string' &&
    typeof quote.price === 'string' &&
    typeof quote.at === 'number' &&
    typeof quote.currency === 'string' &&
    (quote.order === null || typeof quote.order === 'number') &&
    (quote.state === 'live' ||
      quote.state === 'simulated' ||
      quote.state === 'delayed' ||
      quote.state === 'closed')
  )
}
