import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import { readListing } from '../../src/instruments/listing.js'
import { instrumentStore } from '../../src/instruments/store.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { PriceBoard } from '../../src/prices/board.js'
import type { Candle, Interval } from '../../src/prices/candle.js'
import { candleHistory } from '../../src/prices/history.js'
import { priceRoutes } from '../../src/prices/routes.js'
import { priceStore } from '../../src/prices/store.js'
import type { CandlePage, Problem } from '../../src/protocol/resources.js'
import { type Door, openDoor } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { quoteOf } from './quotes.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 2, 10, 12, 0, 30)
const NOON = Date.UTC(2026, 2, 10, 12)

describe('candles over HTTP', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId: string
  let other: string
  const board = new PriceBoard({ now: () => NOW })
  const demanded: string[] = []

  before(async () => {
    db = await openTestDatabase('embedded')
    userId = await addUser(db)
    other = await addUser(db)
    await db.asSystem(async (tx) => {
      await instrumentStore.ensurePairs(tx, [
        'BTC-USD',
        'ETH-USD',
        'OLD-USD',
        'LIVE-USD',
        'DUST-USD',
        'BARE-USD',
      ])
      await instrumentStore.ensure(tx, readListing('STOCK', 'BBCA.JK', undefined))
      await priceStore.upsertCandles(tx, [
        candle('BTC-USD', '1m', NOON - 2 * MINUTE, '5 7 4 6'),
        candle('BTC-USD', '1m', NOON - MINUTE, '6 6.5 5.5 6.25'),
        candle('BTC-USD', '1h', NOON - 31 * DAY, '1 1 1 1'),
        candle('BTC-USD', '1h', NOON - HOUR, '5 8 4 6.25'),
        candle('LIVE-USD', '1d', NOON - 12 * HOUR, '5 7 4 6'),
        candle('BBCA.JK', '1d', Date.UTC(2026, 2, 10), '9400 9500 9350 9450'),
        candle(
          'DUST-USD',
          '1d',
          Date.UTC(2026, 2, 9),
          '0.0000000123 0.0000000124 0.0000000122 0.00000001225',
        ),
        ...Array.from({ length: 1_203 }, (_, hour) => candle('OLD-USD', '1h', NOON - hour * HOUR, '1 1 1 1')),
      ])
    })
    await db.asUser(other, async (tx) => {
      const { id } = await instrumentStore.ensure(tx, readListing('CRYPTO', 'SECRET-USD', undefined))
      const row = { instrumentId: id, currency: 'USD', symbol: 'SECRET-USD', name: 'Secret' }
      await tx.asset.create({ data: { ...row, userId: other, type: 'CRYPTO', pricing: 'MARKET' } })
    })
    const routes = priceRoutes({
      board,
      candles: candleHistory({ db, board, now: () => NOW }),
      demand: (symbols) => void demanded.push(...symbols),
      signedIn: async (ctx, next) => {
        const actor = { userId: ctx.get('X-User'), sessionId: 's', role: 'USER' as const, expiresAt: NOW }
        doorState(ctx).actor = actor
        await next()
      },
    })
    door = await openDoor((router) => router.use(routes.routes()))
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  const ask = async (path: string, user = userId) => {
    const response = await fetch(`${door.url}/v1/prices/${path}`, { headers: { 'X-User': user } })
    return { status: response.status, body: (await response.json()) as CandlePage & Problem }
  }
  const shown = async (path: string) => {
    const { status, body } = await ask(path)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body.data.map(({ at, open, high, low, close }) => [at, open, high, low, close].join(' '))
  }

  it('are told oldest first as decimal text, with the price that stands now in the last one', async () => {
    board.take(quoteOf({ symbol: 'BTC-USD', price: '9', at: NOON - 1, source: 'kraken', version: 7 }))
    const { status, body } = await ask('BTC-USD/candles?interval=1m')
    expect([status, body]).to.deep.equal([
      200,
      {
        ...{ symbol: 'BTC-USD', interval: '1m', currency: 'USD', nextCursor: null },
        data: [
          {
            ...{ at: '2026-03-10T11:58:00.000Z', open: '5', high: '7', low: '4', close: '6' },
            ...{ source: 'coinbase', state: 'live' },
          },
          {
            ...{ at: '2026-03-10T11:59:00.000Z', open: '6', high: '9', low: '5.5', close: '9' },
            ...{ source: 'kraken', state: 'live' },
          },
        ],
      },
    ])
    board.take(quoteOf({ symbol: 'BTC-USD', price: '3', at: NOON + 20_000, version: 8 }))
    expect((await shown('BTC-USD/candles?interval=1m')).slice(1)).to.deep.equal([
      '2026-03-10T11:59:00.000Z 6 6.5 5.5 6.25',
      '2026-03-10T12:00:00.000Z 3 3 3 3',
    ])
    expect(await shown('BTC-USD/candles?interval=1h')).to.deep.equal([
      '2026-03-10T11:00:00.000Z 5 8 4 6.25',
      '2026-03-10T12:00:00.000Z 3 3 3 3',
    ])
    expect(await shown('DUST-USD/candles?interval=1d')).to.deep.equal([
      '2026-03-09T00:00:00.000Z 0.0000000123 0.0000000124 0.0000000122 0.00000001225',
    ])
    expect(demanded).to.include('DUST-USD')
  })

  it('begin and end where that is asked for, by instant or by date, the end not included', async () => {
    const ats = async (query: string) =>
      (await shown(`BTC-USD/candles?interval=1h&${query}`)).map((line) => line.slice(5, 16))
    expect(await ats('from=2026-02-07T12:00:00Z&to=2026-03-10T11:00:00Z')).to.deep.equal(['02-07T12:00'])
    expect(await ats('from=2026-02-07&to=2026-02-08')).to.deep.equal(['02-07T12:00'])
    expect(await ats('from=2026-02-07T12:00:00.001Z&to=2026-03-10')).to.deep.equal([])
    expect(await ats(`from=${encodeURIComponent('2026-03-10T18:00:00+07:00')}`)).to.deep.equal([
      '03-10T11:00',
      '03-10T12:00',
    ])
    expect(await ats('to=2026-03-10T12:00:00Z')).to.deep.equal(['03-10T11:00'])
    expect(await ats('from=2027-01-01')).to.deep.equal([])
  })

  it('of a share end with the day of its exchange', async () => {
    // In Jakarta it is the 11th; in UTC that begins in seven hours.
    const quote = { symbol: 'BBCA.JK', currency: 'IDR', at: Date.UTC(2026, 2, 10, 9), price: '9300' }
    board.take(quoteOf({ ...quote, state: 'closed', freshUntil: NOW + DAY }))
    expect(await shown('BBCA.JK/candles?interval=1d')).to.deep.equal([
      '2026-03-10T00:00:00.000Z 9400 9500 9300 9300',
    ])
  })

  it('do not take in a price in another currency than the instrument’s', async () => {
    board.take(quoteOf({ symbol: 'LIVE-USD', currency: 'EUR', price: '1', at: NOON }))
    expect(await shown('LIVE-USD/candles?interval=1d')).to.deep.equal(['2026-03-10T00:00:00.000Z 5 7 4 6'])
  })

  it('come a thousand at most at once, each of them once', async () => {
    board.take(quoteOf({ symbol: 'OLD-USD', price: '2', at: NOON + HOUR / 2, version: 3 }))
    for (const limit of [1_000, 602, 401]) {
      const seen: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: { body: CandlePage } = await ask(
          `OLD-USD/candles?interval=1h&from=2026-01-01&limit=${limit}${cursor && `&cursor=${cursor}`}`,
        )
        expect(page.body.data.length).to.be.within(1, limit)
        seen.push(...page.body.data.map(({ at, close }) => `${at} ${close}`))
        cursor = page.body.nextCursor
      }
      expect(seen).to.have.lengthOf(1_203)
      expect(new Set(seen).size).to.equal(1_203)
      expect([...seen].sort()).to.deep.equal(seen)
      expect(seen.at(-1)).to.equal('2026-03-10T12:00:00.000Z 2')
    }
  })

  it('are refused where the question makes no sense', async () => {
    const mistakes: readonly [string, string][] = [
      ['', '/interval'],
      ['interval=5m', '/interval'],
      ['interval=1m&interval=1h', '/interval'],
      ['interval=1d&from=yesterday', '/from'],
      ['interval=1d&from=2026-02-30', '/from'],
      ['interval=1d&from=2026-01-01T00:00:00', '/from'],
      ['interval=1d&to=99999-01-01T00:00:00Z', '/to'],
      ['interval=1d&from=1700000000000', '/from'],
      ['interval=1d&from=2026-01-02&to=2026-01-02', '/from'],
      ['interval=1d&limit=1001', '/limit'],
      ['interval=1d&limit=0', '/limit'],
      ['interval=1d&cursor=x', '/cursor'],
      ...['["a"]', '[-1]', '[8640000000000000]', '[9007199254740991]'].map((key): [string, string] => [
        `interval=1d&cursor=${Buffer.from(key).toString('base64url')}`,
        '/cursor',
      ]),
      ['interval=1d&page=2', '/page'],
    ]
    for (const [query, pointer] of mistakes) {
      const { status, body } = await ask(`BTC-USD/candles?${query}`)
      expect([status, body.errors?.[0]?.pointer], query).to.deep.equal([422, pointer])
    }
  })

  it('are not told of what nobody knows, or somebody else alone has named', async () => {
    expect((await ask('SECRET-USD/candles?interval=1d', other)).status).to.equal(200)
    const foreign = await ask('SECRET-USD/candles?interval=1d')
    const unknown = await ask('NONE-USD/candles?interval=1d')
    expect([foreign.status, unknown.status]).to.deep.equal([404, 404])
    expect(foreign.body.detail).to.equal(unknown.body.detail)
    expect(demanded).not.to.include('NONE-USD')
  })
})

/** `prices`: open, high, low and close. */
function candle(symbol: string, interval: Interval, at: number, prices: string): Candle {
  const [open = 0n, high = 0n, low = 0n, close = 0n] = prices.split(' ').map(parseFixed)
  return { symbol, interval, at, open, high, low, close, source: 'coinbase', state: 'live' }
}
