import { once } from 'node:events'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import type { VenueId } from '../../src/app/config.js'
import { startReplay } from '../../src/feeds/replay/replay.js'
import { parsePair } from '../../src/instruments/symbol.js'
import type { Valuation } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { startTestServer } from '../support/server.js'
import { until } from '../support/until.js'

Decimal.set({ precision: 120, rounding: Decimal.ROUND_HALF_EVEN })

/** The last price of each pair and when it was, read from the recording by this test alone. */
type LastPrices = Map<string, { price: string; at: number }>

const folder = process.env.HARTA_FEEDS
const MINOR: Readonly<Record<string, number>> = { USD: 2, EUR: 2, GBP: 2, BTC: 8, USDT: 6 }

describe('replayed sessions of real exchanges', function () {
  this.timeout(60_000)
  const temporary = mkdtempSync(join(tmpdir(), 'harta-replay-'))
  after(() => rmSync(temporary, { recursive: true, force: true }))

  if (folder === undefined || !existsSync(folder)) {
    it('end in the valuation computed by hand (set HARTA_FEEDS to a folder of recorded sessions)', function () {
      this.skip()
    })
    return
  }

  it('end in the valuation computed by hand: Coinbase', async () => {
    const file = join(folder, 'sessions/coinbase-exchange/cryptofeed-COINBASE.ws.28.0.tsv.gz')
    const last: LastPrices = new Map()
    for await (const line of lines(file)) {
      const [, direction, frame = ''] = line.split('\t')
      if (direction !== '<' || !/"type":"(ticker|match|last_match)"/.test(frame)) continue
      const { product_id, price, time } = JSON.parse(frame) as Record<string, string>
      keep(last, product_id, price, Date.parse(time ?? ''))
    }
    await walk('coinbase', file, last)
  })

  it('end in the valuation computed by hand: Binance', async () => {
    const file = join(folder, 'sessions/binance/hftbacktest-spot-btcusdt_20240808.gz')
    const last: LastPrices = new Map()
    for await (const line of lines(file)) {
      const frame = line.slice(line.indexOf(' ') + 1)
      if (!frame.includes('"e":"trade"')) continue
      const { data } = JSON.parse(frame) as { data: { s: string; p: string; T: number } }
      keep(last, data.s.replace(/USDT$/, '-USDT'), data.p, data.T)
    }
    await walk('binance', file, last)
  })

  it('end in the valuation computed by hand: Binance mini-tickers derived from its trades', async () => {
    const file = join(temporary, 'mini-ticker.jsonl')
    const last: LastPrices = new Map()
    const frames = new Map<number, string>()
    for await (const line of lines(join(folder, 'sessions/binance/hftbacktest-spot-btcusdt_20240808.gz'))) {
      const frame = line.slice(line.indexOf(' ') + 1)
      if (!frame.includes('"e":"trade"')) continue
      const { data } = JSON.parse(frame) as { data: { s: string; p: string; T: number } }
      const second = Math.floor(data.T / 1000) * 1000 + 999
      const ticker = {
        e: '24hrMiniTicker',
        E: second,
        s: data.s,
        c: data.p,
        o: data.p,
        h: data.p,
        l: data.p,
        v: '1',
        q: '1',
      }
      frames.set(second, JSON.stringify({ stream: 'btcusdt@miniTicker', data: ticker }))
      keep(last, data.s.replace(/USDT$/, '-USDT'), data.p, second)
    }
    writeFileSync(file, [...frames.values()].join('\n'))
    await walk('binance', file, last)
  })

  it('end in the valuation computed by hand: Kraken v2 derived from its v1 trades', async () => {
    const file = join(temporary, 'kraken-v2.jsonl')
    const last: LastPrices = new Map()
    const frames: string[] = []
    let id = 0
    for (const line of readFileSync(join(folder, 'frames/kraken-v1/trade.jsonl'), 'utf8')
      .trim()
      .split('\n')) {
      const [, trades, , name = ''] = JSON.parse(line) as [number, [string, string, string][], string, string]
      const symbol = name.replace('XBT', 'BTC').replace('XDG', 'DOGE')
      const rows = trades.map(([price, quantity, time]) => {
        id += 1
        const [seconds = '', micros = ''] = time.split('.')
        const timestamp = `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${micros}Z`
        keep(last, symbol.replace('/', '-'), price, Number(time) * 1000)
        // Prices stand in the frame as JSON numbers, in the digits that the exchange wrote.
        return (
          `{"symbol":"${symbol}","side":"buy","price":${price},"qty":${quantity},"ord_type":"limit",` +
          `"trade_id":${id},"timestamp":"${timestamp}"}`
        )
      })
      frames.push(`{"channel":"trade","type":"update","data":[${rows.join(',')}]}`)
    }
    writeFileSync(file, frames.join('\n'))
    await walk('kraken', file, last)
  })
})

/** Users who hold what was recorded, one for each quote currency, end at what their coins last cost. */
async function walk(venue: VenueId, file: string, last: LastPrices): Promise<void> {
  expect(last.size).to.be.greaterThan(0)
  const line = await openHeldLine()
  const server = await startTestServer({ feedUrls: { [venue]: `ws://127.0.0.1:${line.port}` } })
  try {
    const owners = new Map<string, { person: Person; pairs: string[] }>()
    for (const symbol of last.keys()) {
      const quote = parsePair(symbol)?.quote ?? ''
      const owner = owners.get(quote) ?? {
        person: await register(server.url, { baseCurrency: quote }),
        pairs: [],
      }
      owners.set(quote, owner)
      owner.pairs.push(symbol)
      await owner.person.own({ type: 'CRYPTO', symbol, quantity: quantityOf(symbol), unitCost: '1.5' })
    }
    await until('the worker wants all of them', async () => (await wanted(server.url)) >= last.size)
    // The exchange answers only now, so that one subscription asks for everything before the first frame.
    const replay = await startReplay({ venue, file, speed: 'max' })
    line.join(Number(new URL(replay.url).port))
    try {
      await replay.finished
      for (const [quote, { person, pairs }] of owners) await check(person, pairs, last, MINOR[quote] ?? 2)
    } finally {
      await replay.close()
    }
  } finally {
    await server.stop()
    line.close()
  }
}

/** How many symbols the only venue is to be asked for. */
async function wanted(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  return Number(/^harta_feed_symbols\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
}

async function check(
  person: Person,
  pairs: readonly string[],
  last: LastPrices,
  digits: number,
): Promise<void> {
  const values = new Map(
    pairs.map((symbol) => [symbol, new Decimal(quantityOf(symbol)).times(last.get(symbol)?.price ?? 'NaN')]),
  )
  const total = [...values.values()].reduce((sum, value) => sum.plus(value), new Decimal(0))
  let portfolio: Valuation = await person.portfolio()
  await until('the last frame is valued', async () => {
    portfolio = await person.portfolio()
    return portfolio.holdings.every(({ symbol, price }) => {
      const known = last.get(symbol ?? '')
      // The last price may have been told before: the last frame is known by its time.
      return known !== undefined && price?.at === timeOf(known) && new Decimal(price.amount).eq(known.price)
    })
  })
  expect(portfolio.total).to.equal(total.toFixed(digits, Decimal.ROUND_HALF_EVEN))
  for (const holding of portfolio.holdings) {
    const value = values.get(holding.symbol ?? '')
    expect(holding.value, holding.symbol ?? '').to.equal(value?.toFixed(digits, Decimal.ROUND_HALF_EVEN))
    expect(holding.price?.state).to.equal('stale')
  }
  expect(portfolio.coverage).to.deep.equal({
    holdings: pairs.length,
    priced: pairs.length,
    stale: pairs.length,
    unpriced: [],
  })
}

const timeOf = ({ at }: { readonly at: number }): string => new Date(Math.floor(at)).toISOString()

/** An awkward quantity, another one for each pair. */
function quantityOf(symbol: string): string {
  const length = [...symbol].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)
  return `${length % 7}.${String(length * 7919).padStart(9, '1')}`
}

function keep(last: LastPrices, symbol: string | undefined, price: string | undefined, at: number): void {
  if (symbol === undefined || price === undefined) return
  if ((last.get(symbol)?.at ?? 0) <= at) last.set(symbol, { price, at })
}

function lines(file: string): AsyncIterable<string> {
  return createInterface({
    input: createReadStream(file).pipe(createGunzip()),
    crlfDelay: Number.POSITIVE_INFINITY,
  })
}

interface HeldLine {
  readonly port: number
  /** Lets those who have called, and who will call, speak with this port. */
  join(port: number): void
  close(): void
}

/** Takes calls, and lets them wait: whoever is refused would wait longer before he calls again. */
async function openHeldLine(): Promise<HeldLine> {
  let join: (port: number) => void = () => {}
  const joined = new Promise<number>((resolve) => {
    join = resolve
  })
  const server = createServer(async (near) => {
    near.on('error', () => {})
    const far = connect(await joined, '127.0.0.1')
    far.on('error', () => {})
    near.pipe(far).pipe(near)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, join, close: () => server.close() }
}
