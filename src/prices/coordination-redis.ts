import type { Log } from '../lib/log.js'
import { connectRedis, redisScript } from './connect-redis.js'
import type { Coordination } from './coordination.js'

const REPORTS = 'harta:reports'

/** Where a lease lies: its holder as text, gone when it runs out. */
export const leaseKey = (name: string): string => `harta:lease:${name}`

/** Coordination over Redis: each method is one script, so that nothing comes between what it reads and writes. */
export function createRedisCoordination(options: { url: string; log: Log }): Coordination {
  const connection = connectRedis(options.url, options.log, 'coordination')

  async function acquireAll(
    names: readonly string[],
    holder: string,
    forMs: number,
    most = names.length,
  ): Promise<ReadonlySet<string>> {
    if (names.length === 0) return new Set()
    const held = await acquireScript(connection, names.map(leaseKey), [holder, Math.ceil(forMs), most])
    return new Set(numbers(held).flatMap((position) => names[position - 1] ?? []))
  }

  async function releaseAll(names: readonly string[], holder: string): Promise<void> {
    if (names.length > 0) await releaseScript(connection, names.map(leaseKey), [holder])
  }

  return {
    acquireAll,
    releaseAll,
    acquire: async (name, holder, forMs) => (await acquireAll([name], holder, forMs)).has(name),
    release: (name, holder) => releaseAll([name], holder),
    async take(name, { count, windowMs }) {
      const keys = [`harta:held:${name}`, `harta:asked:${name}`]
      return Number(await takeScript(connection, keys, [count, Math.ceil(windowMs)]))
    },
    async hold(name, forMs) {
      if (forMs > 0) await holdScript(connection, [`harta:held:${name}`], [Math.ceil(forMs)])
    },
    async report(member, text, forMs) {
      if (forMs <= 0) await connection.hdel(REPORTS, member)
      else await reportScript(connection, [REPORTS], [member, text, forMs])
    },
    async reports(prefix = '') {
      const answer = await reportsScript(connection, [REPORTS], [prefix])
      const left = new Map<string, string>()
      if (!Array.isArray(answer)) return left
      for (let index = 0; index < answer.length; index += 2)
        left.set(String(answer[index]), String(answer[index + 1]))
      return left
    },
    async close() {
      connection.disconnect()
    },
  }
}

function numbers(answer: unknown): readonly number[] {
  return Array.isArray(answer) ? answer.map(Number) : []
}

/** KEYS: leases. ARGV: holder, ms, most. Positions of those that are the holder's now. */
const acquireScript = redisScript(`
local holders = redis.call('MGET', unpack(KEYS))
local held = {}
for position, key in ipairs(KEYS) do
  if #held >= tonumber(ARGV[3]) then break end
  if not holders[position] or holders[position] == ARGV[1] then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
    held[#held + 1] = position
  end
end
return held`)

/** KEYS: leases. ARGV: holder. */
const releaseScript = redisScript(`
local holders = redis.call('MGET', unpack(KEYS))
local own = {}
for position, key in ipairs(KEYS) do
  if holders[position] == ARGV[1] then own[#own + 1] = key end
end
if #own > 0 then redis.call('DEL', unpack(own)) end`)

/**
 * KEYS: hold, instants (µs) of the last questions, newest first. ARGV: count, ms. The question that is `count`
 * back has to have left the window.
 */
const takeScript = redisScript(`
local held = redis.call('PTTL', KEYS[1])
if held > 0 then return held end
local count = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local blocking = redis.call('LINDEX', KEYS[2], count - 1)
if blocking and now - blocking < window * 1000 then
  return math.ceil((blocking + window * 1000 - now) / 1000)
end
redis.call('LPUSH', KEYS[2], string.format('%.0f', now))
redis.call('LTRIM', KEYS[2], 0, count - 1)
redis.call('PEXPIRE', KEYS[2], window + 1)
return 0`)

/** KEYS: hold. ARGV: ms. */
const holdScript = redisScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end`)

/** KEYS: reports, each the instant (ms) that it runs out at and a text. ARGV: member, text, ms. */
const reportScript = redisScript(`
local time = redis.call('TIME')
local ends = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', ends) .. ' ' .. ARGV[2])`)

/** KEYS: reports. ARGV: prefix. Member and text in turn; drops what has run out. */
const reportsScript = redisScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local left = {}
for index = 1, #all, 2 do
  local ends, text = string.match(all[index + 1], '^(%d+) (.*)$')
  if not ends or tonumber(ends) <= now then
    redis.call('HDEL', KEYS[1], all[index])
  elseif string.sub(all[index], 1, #ARGV[1]) == ARGV[1] then
    left[#left + 1] = all[index]
    left[#left + 1] = text
  end
end
return left`)
