import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { z } from 'zod'
import { type Fixed, formatFixed, parseFixed } from '../../src/lib/decimal.js'
import type { AssetType, Price, Valuation, ValuationUpdate } from '../../src/protocol/resources.js'
import { bookOf, type Position, value, valueAtDayStart, WORTH_SCALE } from '../../src/valuation/value.js'
import { type LoadedPortfolio, WatchedPortfolio } from '../../src/valuation/watched.js'
import { markOf, portfolioOf, positionOf, TestMarket } from './portfolios.js'

const Model = Decimal.clone({
  precision: 300,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -400,
  toExpPos: 400,
})
type Number = InstanceType<typeof Model>
const DIGITS: Readonly<Record<string, number>> = { USD: 2, JPY: 0, BHD: 3, IDR: 2 }
const exact = (fixed: bigint | null) => (fixed === null ? null : new Model(formatFixed(fixed)))

/** How much was held at 00:00 at which price and rate, by asset. */
type Days = ReadonlyMap<string, { quantity: Fixed; price: Fixed | null; rate: Fixed | null }>

/** The same valuation, written down plainly. */
function model({ positions, currency }: LoadedPortfolio, market: TestMarket, days: Days) {
  const text = (number: Number | null) => {
    if (number === null) return null
    const rounded = number.toDecimalPlaces(DIGITS[currency] ?? 2)
    return (rounded.isZero() ? rounded.abs() : rounded).toFixed(DIGITS[currency] ?? 2)
  }
  const percent = (change: Number, base: Number) => {
    if (base.isZero()) return null
    const rounded = change.div(base.abs()).mul(100).toDecimalPlaces(4)
    return (rounded.isZero() ? rounded.abs() : rounded).toFixed(4)
  }
  const told = (change: Number | null, base: Number) =>
    change === null ? null : { amount: text(change), percent: percent(change, base) }
  let total = new Model(0)
  let cost = new Model(0)
  let change: Number | null = null
  let base = new Model(0)
  let stale = 0
  const unpriced: Valuation['coverage']['unpriced'][number][] = []
  const holdings = positions.map((position) => {
    const mark = position.byMarket ? (market.marks.get(position.symbol ?? '') ?? null) : position.fixedPrice
    const rateOf = (code: string) => {
      const text = market.rates.get(code)
      return text === undefined ? null : new Model(text)
    }
    const rate = rateOf(position.currency)
    const priceRate = rateOf(mark?.price.currency ?? position.currency)
    const quantity = new Model(formatFixed(position.quantity))
    const worth = mark && rate && priceRate ? quantity.mul(mark.price.amount).mul(priceRate) : null
    const paid = position.baseCost === null ? null : new Model(formatFixed(position.baseCost, WORTH_SCALE))
    const ownCost =
      paid ?? (rate && (worth || !mark) ? new Model(formatFixed(position.cost)).mul(rate) : null)
    let own: Number | null = null
    if (worth === null) unpriced.push({ assetId: position.assetId, reason: mark ? 'no-rate' : 'no-price' })
    else {
      total = total.add(worth)
      cost = cost.add(ownCost ?? 0)
      if (mark?.price.state === 'stale') stale += 1
      const { day } = position
      const then = days.get(position.assetId)
      const held = new Model(formatFixed(then?.quantity ?? 0n))
      const [price, dayRate] = [exact(then?.price ?? null), exact(then?.rate ?? null)]
      const start = held.isZero() ? held : price && dayRate ? held.mul(price).mul(dayRate) : null
      if (start) {
        own = worth.sub(start).sub(new Model(formatFixed(day.flow)).mul(rate ?? 0))
        change = (change ?? new Model(0)).add(own)
        base = base.add(worth.sub(own))
      }
    }
    const shown = position.type === 'LIABILITY' ? quantity.neg() : quantity
    return {
      assetId: position.assetId,
      type: position.type,
      name: position.name,
      symbol: position.symbol,
      quantity: shown.isZero() ? '0' : shown.toFixed(),
      price: mark?.price ?? null,
      rate: priceRate?.toFixed() ?? null,
      value: text(worth),
      cost: text(ownCost),
      gain: text(worth && ownCost && worth.sub(ownCost)),
      dayChange: told(own, worth && own ? worth.sub(own) : new Model(0)),
    }
  })
  return {
    currency,
    total: text(total),
    cost: text(cost),
    gain: text(total.sub(cost)),
    dayChange: told(change, base),
    coverage: { holdings: positions.length, priced: positions.length - unpriced.length, stale, unpriced },
    holdings,
  }
}

const fixed = (digits: number) =>
  fc.oneof(
    fc.bigInt({ min: -(10n ** BigInt(digits + 18)), max: 10n ** BigInt(digits + 18) }),
    fc.bigInt({ min: -1_000n, max: 1_000n }).map((whole) => whole * 10n ** 16n),
    fc.constant(0n),
  )
const positive = (digits: number) =>
  fixed(digits).map((number) => (number < 0n ? -number : number === 0n ? 1n : number))
const state = fc.constantFrom<Price['state']>('live', 'stale', 'delayed')
const currency = fc.constantFrom('USD', 'EUR', 'IDR', 'GBX')
const place = fc.record({
  type: fc.constantFrom<AssetType>('CASH', 'STOCK', 'CRYPTO', 'REAL', 'LIABILITY'),
  symbol: fc.constantFrom('A-USD', 'B-USD', 'C-USD'),
  byMarket: fc.boolean(),
  currency,
  /** Mostly the position's own. */
  priceCurrency: fc.option(currency, { freq: 3 }),
  quantity: fixed(15),
  cost: fixed(15),
  baseCost: fc.option(fixed(15).map((cost) => cost * 10n ** 36n)),
  manual: fc.option(positive(12)),
  day: fc.record({
    quantity: fixed(15),
    flow: fixed(15),
    price: fc.option(positive(12)),
    rate: fc.option(positive(6)),
  }),
})
const given = fc.record({
  base: fc.constantFrom('USD', 'JPY', 'BHD', 'IDR'),
  places: fc.array(place, { maxLength: 12 }),
  marks: fc.dictionary(fc.constantFrom('A-USD', 'B-USD', 'C-USD'), fc.record({ price: positive(12), state })),
  rates: fc.dictionary(currency, positive(6)),
})

/** Positions and a market of random numbers; a symbol is mostly priced in its holder's currency. */
function build({ base, places, marks, rates }: typeof given extends fc.Arbitrary<infer T> ? T : never) {
  const market = new TestMarket()
  market.rates.clear()
  for (const [code, rate] of Object.entries(rates)) market.rates.set(code, formatFixed(rate))
  const days: Days = new Map(places.map(({ day }, index) => [`asset-${index}`, day]))
  const positions = places.map(({ manual, priceCurrency, day, ...rest }, index): Position => {
    const priced = priceCurrency ?? rest.currency
    const symbol = `${rest.symbol}-${priced}`
    const mark = marks[rest.symbol]
    if (mark) market.set(symbol, formatFixed(mark.price), { currency: priced, state: mark.state })
    return positionOf({
      ...rest,
      symbol,
      day: { start: valueAtDayStart(day.quantity, day.price, day.rate), flow: day.flow },
      assetId: `asset-${index}`,
      name: `Name ${index}`,
      fixedPrice:
        manual === null ? null : markOf(symbol, formatFixed(manual), { currency: priced, state: 'manual' }),
    })
  })
  return { loaded: portfolioOf(positions, { currency: base }), market, days }
}

function tell(loaded: LoadedPortfolio, market: TestMarket): Valuation {
  const at = Date.UTC(2026, 0, 1)
  return JSON.parse(new WatchedPortfolio({ epoch: 'e', loaded, market, at }).snapshot()) as Valuation
}

const decimal = z.string().regex(/^-?(0|[1-9]\d*)(\.\d+)?$/)
const money = z.string().regex(/^-?(0|[1-9]\d*)(\.\d{2,3})?$/)
const dayChange = z
  .strictObject({
    amount: money,
    percent: z
      .string()
      .regex(/^-?\d+\.\d{4}$/)
      .nullable(),
  })
  .nullable()
const shape = z.strictObject({
  epoch: z.string(),
  seq: z.int(),
  at: z.iso.datetime(),
  currency: z.string(),
  total: money,
  cost: money,
  gain: money,
  dayChange,
  coverage: z.strictObject({
    holdings: z.int(),
    priced: z.int(),
    stale: z.int(),
    unpriced: z.array(z.strictObject({ assetId: z.string(), reason: z.enum(['no-price', 'no-rate']) })),
  }),
  holdings: z.array(
    z.strictObject({
      assetId: z.string(),
      type: z.enum(['CASH', 'STOCK', 'CRYPTO', 'REAL', 'LIABILITY']),
      name: z.string(),
      symbol: z.string().nullable(),
      quantity: decimal,
      price: z
        .strictObject({
          symbol: z.string(),
          amount: decimal,
          currency: z.string(),
          at: z.iso.datetime(),
          source: z.string(),
          state: z.string(),
        })
        .nullable(),
      rate: decimal.nullable(),
      value: money.nullable(),
      cost: money.nullable(),
      gain: money.nullable(),
      dayChange,
    }),
  ),
})

describe('a valuation', () => {
  it('is what plain decimal arithmetic makes of it, to the last digit', () => {
    fc.assert(
      fc.property(given, (drawn) => {
        const { loaded, market, days } = build(drawn)
        const { epoch, seq, at, ...rest } = tell(loaded, market)
        expect(rest).to.deep.equal(model(loaded, market, days))
        expect({ epoch, seq, at }).to.deep.equal({ epoch: 'e', seq: 0, at: '2026-01-01T00:00:00.000Z' })
      }),
      { numRuns: 400 },
    )
  })

  it('is the same after any sequence of moves as from the beginning', () => {
    const move = fc.record({
      symbol: fc.constantFrom('A', 'B', 'C'),
      quote: currency,
      price: fc.option(positive(12), { freq: 6 }),
      state,
      rate: fc.option(fc.tuple(currency, fc.option(positive(6), { freq: 6 })), { freq: 1 }),
      told: fc.array(fc.nat(11), { maxLength: 6 }),
    })
    fc.assert(
      fc.property(given, fc.array(move, { maxLength: 12 }), (drawn, moves) => {
        const { loaded, market, days } = build(drawn)
        const watched = new WatchedPortfolio({ epoch: 'e', loaded, market, at: 0 })
        const all = loaded.positions.map((_, index) => index)
        for (const { symbol, quote, price, state, rate, told } of moves) {
          const name = `${symbol}-USD-${quote}`
          if (price === null) market.marks.delete(name)
          else market.set(name, formatFixed(price), { currency: quote, state })
          if (rate?.[1]) market.rates.set(rate[0], formatFixed(rate[1]))
          else if (rate) market.rates.delete(rate[0])
          // Not always everybody who holds what moved: worths of old and new rates stand side by side.
          watched.tellMoves([...new Set(told.filter((index) => index < all.length))], 0)
        }
        const update = JSON.parse(watched.tellMoves(all, 0)) as ValuationUpdate
        const { epoch, seq, at, ...rest } = JSON.parse(watched.snapshot()) as Valuation
        const expected = model(loaded, market, days)
        expect(rest).to.deep.equal(expected)
        const { total, gain, dayChange, coverage, holdings } = expected
        expect(update).to.deep.include({ total, gain, dayChange, coverage, changed: holdings })
      }),
      { numRuns: 400 },
    )
  })

  it('has exactly the shape of the protocol', () => {
    fc.assert(
      fc.property(given, (drawn) => {
        const { loaded, market } = build(drawn)
        const told = tell(loaded, market)
        expect(shape.parse(told)).to.deep.equal(told)
      }),
      { numRuns: 50 },
    )
  })

  it('rounds its total once, from the exact sum', () => {
    const market = new TestMarket()
    market.set('BTC-USD', '0.004')
    const loaded = portfolioOf([positionOf(), positionOf({ assetId: 'b' }), positionOf({ assetId: 'c' })])
    const told = tell(loaded, market)
    expect(told.holdings.map((holding) => holding.value)).to.deep.equal(['0.00', '0.00', '0.00'])
    expect(told.total).to.equal('0.01')
  })

  it('counts as stale what is valued at a rate of a while ago, and no more when there is a new one', () => {
    const market = new TestMarket()
    market.rates.set('EUR', '1.25')
    market.stale.add('EUR')
    market.set('BTC-USD', '300')
    market.set('BTC-EUR', '240', { currency: 'EUR' })
    const loaded = portfolioOf([positionOf(), positionOf({ currency: 'EUR', symbol: 'BTC-EUR' })])
    const watched = new WatchedPortfolio({ epoch: 'e', loaded, market, at: 0 })
    const stale = (text: string) => (JSON.parse(text) as Valuation).coverage.stale
    expect(stale(watched.snapshot())).to.equal(1)
    market.stale.clear()
    expect(stale(watched.tellMoves([1], 1))).to.equal(0)
    expect(stale(watched.snapshot())).to.equal(0)
  })

  it('takes nothing that is missing for zero or one, and names it', () => {
    const market = new TestMarket()
    market.set('BTC-USD', '300')
    const loaded = portfolioOf([
      positionOf({ assetId: 'known' }),
      positionOf({ assetId: 'no price', symbol: 'NEW-USD' }),
      positionOf({ assetId: 'no rate', currency: 'IDR', symbol: 'BTC-IDR' }),
      positionOf({ assetId: 'by hand', byMarket: false, symbol: null }),
    ])
    market.set('BTC-IDR', '1000000', { currency: 'IDR' })
    const told = tell(loaded, market)
    expect(told).to.include({ total: '300.00', cost: '100.00', gain: '200.00' })
    expect(told.coverage).to.deep.equal({
      holdings: 4,
      priced: 1,
      stale: 0,
      unpriced: [
        { assetId: 'no price', reason: 'no-price' },
        { assetId: 'no rate', reason: 'no-rate' },
        { assetId: 'by hand', reason: 'no-price' },
      ],
    })
    for (const holding of told.holdings.slice(1)) {
      expect(holding).to.include({ value: null, gain: null, dayChange: null })
    }
  })

  it('counts debts negative, and shows an overdrawn account as it is', () => {
    const market = new TestMarket()
    const account = (assetId: string, type: AssetType, quantity: string) => {
      const held = parseFixed(quantity)
      const day = { start: valueAtDayStart(held, parseFixed('1'), parseFixed('1')), flow: 0n }
      const fixedPrice = markOf('USD', '1', { state: 'manual' })
      return positionOf({
        assetId,
        type,
        symbol: null,
        byMarket: false,
        quantity: held,
        cost: held,
        fixedPrice,
        day,
      })
    }
    const told = tell(
      portfolioOf([
        account('cash', 'CASH', '-50'),
        account('loan', 'LIABILITY', '-1000'),
        account('paid too much', 'LIABILITY', '5'),
      ]),
      market,
    )
    expect(told.holdings.map(({ quantity, value: worth }) => [quantity, worth])).to.deep.equal([
      ['-50', '-50.00'],
      ['1000', '-1000.00'],
      ['-5', '5.00'],
    ])
    expect(told).to.include({ total: '-1045.00', gain: '0.00' })
  })

  it('survives names that are made to break what they are written into', () => {
    const market = new TestMarket()
    market.set('BTC-USD', '1')
    const names = [
      '</script><script>',
      '"},{"x":"',
      '\\',
      '\u2028\u2029',
      '\u0000\u001f',
      '😀',
      '{"__proto__":1}',
      "'; DROP TABLE",
    ]
    const loaded = portfolioOf(names.map((name, index) => positionOf({ name, assetId: String(index) })))
    expect(tell(loaded, market).holdings.map(({ name }) => name)).to.deep.equal(names)
    const update = new WatchedPortfolio({ epoch: 'e', loaded, market, at: 0 }).tellMoves([0, 2, 3], 0)
    expect(
      (JSON.parse(update) as { changed: { name: string }[] }).changed.map(({ name }) => name),
    ).to.deep.equal([names[0], names[2], names[3]])
  })

  it('keeps the smallest price of the largest quantity', () => {
    const market = new TestMarket()
    market.set('BTC-USD', '0.0000000123')
    const loaded = portfolioOf([positionOf({ quantity: parseFixed('1000000000000000'), cost: 0n })])
    expect(tell(loaded, market).total).to.equal('12300000.00')
    expect(value(bookOf(loaded.positions), market).totals.total).to.equal(12_300_000n * 10n ** 54n)
  })
})
