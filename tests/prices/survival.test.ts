import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { systemClock } from '../../src/lib/clock.js'
import { PriceBoard } from '../../src/prices/board.js'
import { createRedisCoordination } from '../../src/prices/coordination-redis.js'
import { PriceReader } from '../../src/prices/reader.js'
import type { Quote } from '../../src/prices/tick.js'
import { createRedisWire } from '../../src/prices/wire-redis.js'
import { bundled } from '../support/bundled.js'
import { type PriceWorker, startPriceWorker } from '../support/price-worker.js'
import { needsRedis, type RedisServer, redisAvailable, startRedis } from '../support/redis.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { HOLDER, holdAllSlots, quoteOf } from './quotes.js'

const { log } = readableLog()

describe(`prices (${needsRedis})`, function () {
  this.timeout(60_000)
  // These stories are about waiting, so they wait at the same time.
  let workers: Promise<WorkersStory>
  let silence: Promise<string[]>
  let redis: RedisServer
  let worker: PriceWorker
  let web: Web
  before(async function () {
    if (!redisAvailable()) this.skip()
    workers = tellOfWorkers()
    silence = tellOfSilence()
    for (const story of [workers, silence]) story.catch(() => {})
    redis = await startRedis()
    worker = await startPriceWorker({ url: redis.url, member: 'only', log })
    web = await openWeb(redis.url)
  })
  after(async () => {
    await web?.close()
    await worker?.stop()
    await redis?.stop()
    await Promise.allSettled([workers, silence])
  })

  it('cost Redis less than 1.2 commands a tick, all told', async () => {
    const symbols = Array.from({ length: 50 }, (_, index) => `C${index}-USD`)
    await redis.run('CONFIG', 'RESETSTAT')
    let ticks = 0
    const begun = Date.now()
    for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs = Date.now() - begun) {
      // One a millisecond, however late a timer comes: what is done by the clock is shared among as many ticks.
      while (ticks <= elapsedMs) {
        ticks += 1
        worker.hear(symbols[ticks % symbols.length] ?? '', String(10_000 + ticks))
      }
      await wait(10)
    }
    const stats = String(await redis.run('INFO', 'commandstats'))
    const calls = [...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name, count]) => ({
      name,
      count: Number(count),
    }))
    const commands = calls.reduce((sum, { count }) => sum + count, 0)
    expect(calls.find(({ name }) => name === 'publish')?.count).to.be.above(10)
    expect(commands / ticks).to.be.below(1.2)
  })

  describe('come back, those of quiet markets too,', () => {
    let stop: () => void
    beforeEach(async () => {
      stop = systemClock.every(20, () => worker.hear('BUSY-USD', String(Date.now())))
      worker.hear('QUIET-USD', '7')
      await until('both are known', () => web.has('BUSY-USD') && web.has('QUIET-USD'))
    })
    afterEach(() => stop())

    /** The cache is whole and the reader hears on. */
    async function recovers(): Promise<void> {
      const since = Date.now()
      await until(
        'the cache is whole',
        async () => {
          const cached = new Map((await web.cached()).map((quote) => [quote.symbol, quote]))
          return cached.get('QUIET-USD')?.price === '7' && Number(cached.get('BUSY-USD')?.at) > since
        },
        10_000,
      )
      await until('the reader hears on', () => web.at('BUSY-USD') > since, 10_000)
      expect(web.at('QUIET-USD')).to.be.above(0)
    }

    it('when Redis is flushed', async () => {
      await redis.run('FLUSHALL')
      await recovers()
    })

    it('when Redis starts again with nothing', async () => {
      await redis.kill()
      await redis.restart()
      await recovers()
    })

    it('when Redis stood still', async () => {
      await redis.run('CLIENT', 'PAUSE', '2500', 'ALL')
      await recovers()
    })

    it('when a reader lost its subscription alone, and with it what was told meanwhile', async () => {
      stop()
      await wait(50)
      const before = web.reads()
      web.deafen()
      worker.hear('QUIET-USD', '7.5')
      await until('it is cached', async () =>
        (await web.cached()).some(({ symbol, price }) => symbol === 'QUIET-USD' && price === '7.5'),
      )
      expect(web.price('QUIET-USD')).to.equal('7')
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await until('it has read again', () => web.price('QUIET-USD') === '7.5')
      expect(web.reads()).to.equal(before + 1)
    })
  })

  it('come back to a reader and a writer whose connections have gone silent without a word', async () => {
    expect(await silence).to.deep.equal(['1', '2', '3'])
  })

  describe('of several workers', () => {
    it('are taken over within ten seconds from one that is killed and one that stands still', async () => {
      const { takenOverMs } = await workers
      expect(takenOverMs).to.be.below(10_000)
    })

    it('never go back when one goes on that stood still, and nothing that it writes late counts', async () => {
      const { refused, wentBack, late } = await workers
      expect(refused).to.equal(200)
      expect(wentBack).to.deep.equal([])
      expect(late).to.deep.equal([])
    })
  })
})

interface Web {
  has(symbol: string): boolean
  at(symbol: string): number
  price(symbol: string): string | undefined
  cached(): Promise<readonly Quote[]>
  reads(): number
  /** Misses what is published, until the cache is read again. */
  deafen(): void
  close(): Promise<void>
}

/** What a web process knows of prices. */
async function openWeb(url: string): Promise<Web> {
  const inner = createRedisWire({ url, now: Date.now, log })
  const state = { reads: 0, deaf: false }
  const wire = {
    ...inner,
    readAll: () => {
      state.reads += 1
      state.deaf = false
      return inner.readAll()
    },
    subscribe: (listener: Parameters<typeof inner.subscribe>[0]) =>
      inner.subscribe({
        lost: () => listener.lost(),
        quotes: (quotes) => {
          if (!state.deaf) listener.quotes(quotes)
        },
      }),
  }
  const board = new PriceBoard({ now: Date.now })
  const reader = new PriceReader({ wire, board, clock: systemClock, log, moved: () => {} })
  await reader.start()
  return {
    has: (symbol) => board.get(symbol) !== undefined,
    at: (symbol) => board.get(symbol)?.quote.at ?? 0,
    price: (symbol) => board.get(symbol)?.quote.price,
    cached: () => inner.readAll().catch(() => []),
    reads: () => state.reads,
    deafen: () => {
      state.deaf = true
    },
    close: async () => {
      await reader.stop()
      await inner.close()
    },
  }
}

/** What a reader hears of three prices between which everything that was connected is heard by nobody. */
async function tellOfSilence(): Promise<string[]> {
  const redis = await startRedis()
  const relay = await startRelay(Number(new URL(redis.url).port))
  const [wire, coordination] = [
    createRedisWire({ url: relay.url, now: Date.now, log }),
    createRedisCoordination({ url: redis.url, log }),
  ]
  const heard: string[] = []
  try {
    await holdAllSlots(coordination)
    const take = (quotes: readonly Quote[]) => heard.push(...quotes.map(({ price }) => price))
    await wire.subscribe({ quotes: take, lost: () => void wire.readAll().then(take) })
    const write = (version: number) => wire.write([quoteOf({ price: String(version), version })], HOLDER)
    await write(1)
    await until('the first', () => heard.length === 1)
    relay.silence()
    const isWritten = () => write(2).then(Boolean, () => false)
    await until('it can write again', isWritten, 15_000)
    await until('it has read what it missed', () => heard.includes('2'), 15_000)
    await write(3)
    await until('it hears on', () => heard.includes('3'))
    return [...new Set(heard)]
  } finally {
    await Promise.all([wire.close(), coordination.close(), relay.stop()])
    await redis.stop()
  }
}

/** Passes bytes on between loopback and a port. */
async function startRelay(port: number): Promise<{ url: string; silence(): void; stop(): Promise<void> }> {
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    near.pipe(far).pipe(near)
    for (const end of [near, far]) end.on('error', () => {}).on('close', () => open.delete(end))
    open.add(near).add(far)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    // No end is told anything: what is open stays open, and nothing comes through.
    silence: () => {
      for (const end of open) end.unpipe().pause()
    },
    stop: async () => {
      for (const end of open) end.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

interface WorkersStory {
  readonly takenOverMs: number
  /** How many symbols were refused to the worker that went on, of what it wrote as who it was. */
  readonly refused: number | null
  /** Symbols whose version or time sank in what was told, or that the cache lacked or had older than was told. */
  readonly wentBack: readonly string[]
  /** Quotes that were told long after others of a later time; it stands still for longer than that. */
  readonly late: readonly string[]
}

/** Of three workers one is killed and one stopped; the third takes over; the stopped one goes on. */
async function tellOfWorkers(): Promise<WorkersStory> {
  const redis = await startRedis()
  const wire = createRedisWire({ url: redis.url, now: Date.now, log })
  const children: ReturnType<typeof startChild>[] = []
  try {
    const newest = new Map<string, Quote>()
    const wentBack = new Set<string>()
    const late: string[] = []
    let latest = 0
    await wire.subscribe({
      lost: () => {},
      quotes: (quotes) => {
        for (const quote of quotes) {
          const before = newest.get(quote.symbol)
          if (before && (quote.version <= before.version || quote.at < before.at)) wentBack.add(quote.symbol)
          if (quote.at < latest - 5_000) late.push(`${quote.symbol} ${quote.source}`)
          latest = Math.max(latest, quote.at)
          newest.set(quote.symbol, quote)
        }
      },
    })
    /** Against what was told before it asks: what is told while the answer is on its way is newer than the answer. */
    const compareCache = async () => {
      const told = [...newest.values()]
      const cached = new Map((await wire.readAll()).map((quote) => [quote.symbol, quote]))
      for (const { symbol, version, at } of told) {
        const quote = cached.get(symbol)
        if (!quote || quote.version < version || quote.at < at) wentBack.add(symbol)
      }
    }
    for (const member of ['one', 'two', 'three']) children.push(startChild(redis.url, member))
    const [killed, stopped, left] = children as [Child, Child, Child]
    const held = () => children.map((child) => child.held)
    await until('the slots are divided', () => Math.min(...held()) >= 20 && newest.size === 200, 20_000)

    const since = Date.now()
    killed.process.kill('SIGKILL')
    stopped.process.kill('SIGSTOP')
    await until('one has all slots', () => left.held === 64, 15_000)
    const isHeard = (quote: Quote) => quote.source === 'three' && quote.at > since
    await until('all are heard again', () => [...newest.values()].every(isHeard), 5_000)
    const takenOverMs = Date.now() - since

    stopped.held = 0
    stopped.process.kill('SIGCONT')
    await until('it has tried', () => stopped.refused !== null)
    const share = async () => {
      await compareCache()
      return stopped.held === 32 && left.held === 32
    }
    await until('they share again', share, 15_000)
    return { takenOverMs, refused: stopped.refused, wentBack: [...wentBack], late }
  } finally {
    await Promise.all(children.map((child) => child.end()))
    await wire.close()
    await redis.stop()
  }
}

interface Child {
  readonly process: ChildProcess
  held: number
  refused: number | null
  end(): Promise<void>
}

function startChild(url: string, member: string): Child {
  const script = bundled(new URL('../support/price-worker-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, url, member], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const state: Child = {
    process: child,
    held: 0,
    refused: null,
    end: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
  child.on('message', (message: { held?: number; refused?: number }) => {
    state.held = message.held ?? state.held
    state.refused = message.refused ?? state.refused
  })
  return state
}
