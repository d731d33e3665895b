import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Log } from '../lib/log.js'
import { connectRedis, redisScript } from './connect-redis.js'
import { leaseKey } from './coordination-redis.js'
import { slotName, slotOf } from './slots.js'
import type { Quote } from './tick.js'
import type { PriceWire, QuoteListener } from './wire.js'

const CACHE = 'harta:prices'
/** The field of the cache that is no symbol. */
const EPOCH = ' epoch'
const PUBLISHED = 'harta:prices:published'
const DEMAND = 'harta:prices:demand'
const DEMANDED = 'harta:prices:demanded'

/**
 * The wire over Redis: one hash for the cache, one channel each way. A write is one script of four commands,
 * whatever the number of quotes, so that nobody else's lease or quote comes between what it checks and what it
 * does. Commands fail at once while Redis is away (the publisher keeps the newest quotes and tries again); the
 * subscription comes back by itself and then says that it was lost.
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
    async write(quotes, holder) {
      const refused: string[] = []
      for (let start = 0; start < quotes.length; start += MOST_AT_ONCE)
        refused.push(...(await write(commands, quotes.slice(start, start + MOST_AT_ONCE), holder)))
      return { refused }
    },
    async readAll() {
      const { [EPOCH]: _, ...fields } = await commands.hgetall(CACHE)
      return Object.values(fields).flatMap((text) => readQuotes(`[${text}]`))
    },
    async epoch() {
      const known = await commands.hget(CACHE, EPOCH)
      if (known !== null) return known
      await commands.hsetnx(CACHE, EPOCH, randomUUID())
      return (await commands.hget(CACHE, EPOCH)) ?? ''
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

/** Lua gives a script so many values on its stack. */
const MOST_AT_ONCE = 1_000

async function write(
  connection: Redis,
  quotes: readonly Quote[],
  holder: string,
): Promise<readonly string[]> {
  const places = new Map<number, number>()
  const values: (string | number)[] = [holder, PUBLISHED]
  for (const quote of quotes) {
    const slot = slotOf(quote.symbol)
    const place = places.get(slot) ?? places.size + 1
    places.set(slot, place)
    values.push(quote.symbol, place, quote.version, JSON.stringify(quote))
  }
  const keys = [CACHE, ...Array.from(places.keys(), (slot) => leaseKey(slotName(slot)))]
  const refused = await writeScript(connection, keys, values)
  return Array.isArray(refused) ? refused.map(String) : []
}

/**
 * KEYS: cache, leases of the slots. ARGV: holder, channel, then of each quote its symbol, the place of its slot's
 * lease, its version and its text. The symbols that are not the holder's.
 */
const writeScript = redisScript(`
local holders = redis.call('MGET', unpack(KEYS, 2))
local own, symbols, refused = {}, {}, {}
for index = 3, #ARGV, 4 do
  if holders[tonumber(ARGV[index + 1])] == ARGV[1] then
    own[#own + 1] = index
    symbols[#symbols + 1] = ARGV[index]
  else
    refused[#refused + 1] = ARGV[index]
  end
end
if #own == 0 then return refused end
local cached = redis.call('HMGET', KEYS[1], unpack(symbols))
local fields, texts = {}, {}
for position, index in ipairs(own) do
  local version = cached[position] and tonumber(string.match(cached[position], '"version":(%d+)') or nil)
  if not version or version > 9007199254740991 or tonumber(ARGV[index + 2]) > version then
    fields[#fields + 1] = ARGV[index]
    fields[#fields + 1] = ARGV[index + 3]
    texts[#texts + 1] = ARGV[index + 3]
  end
end
if #texts > 0 then
  redis.call('HSET', KEYS[1], unpack(fields))
  redis.call('PUBLISH', ARGV[2], '[' .. table.concat(texts, ',') .. ']')
end
return refused`)

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
    typeof quote.freshUntil === 'number' &&
    typeof quote.version === 'number' &&
    typeof quote.currency === 'string' &&
    (quote.order === null || typeof quote.order === 'number') &&
    (quote.state === 'live' ||
      quote.state === 'simulated' ||
      quote.state === 'delayed' ||
      quote.state === 'closed')
  )
}
