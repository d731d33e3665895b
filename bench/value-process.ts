import { Decimal } from 'decimal.js'
import { formatFixed, parseFixed } from '../src/lib/decimal.js'
import { PriceBoard } from '../src/prices/board.js'
import { RateBook } from '../src/prices/rate-book.js'
import {
  amountOf,
  type Book,
  bookOf,
  costOf,
  dayChangeOf,
  type Market,
  type Position,
  value,
  valueAtDayStart,
  WORTH_SCALE,
} from '../src/valuation/value.js'
import { answer, cpuSeconds } from './harness/answers.js'
import { allSymbols, HOLDINGS, id, priceOf } from './harness/population.js'

/**
 * A thousand portfolios of ten positions: nine coins in dollars and an account in rupiah; half of the
 * portfolios are kept in dollars, half in rupiah. Prices and rates come from the product's own board and book;
 * between two rounds every price moves, and every tenth round the exchange rate does.
 */
const PORTFOLIOS = 1_000
const ROUNDS = 40
const ROUND_MS = 150

interface Portfolio {
  readonly currency: 'USD' | 'IDR'
  readonly market: Market
  readonly book: Book
  readonly decimals: readonly DecimalPosition[]
}

interface DecimalPosition {
  readonly symbol: string | null
  readonly currency: 'USD' | 'IDR'
  readonly quantity: Decimal
  readonly cost: Decimal
  readonly price: Decimal
  readonly dayStart: Decimal
}

// Enough for every product of three decimals of 38 digits and their sums: nothing is rounded on the way.
const Exact = Decimal.clone({
  precision: 160,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -200,
  toExpPos: 200,
})

let now = Date.now()
let version = 0
const board = new PriceBoard({ now: () => now })
const rates = new RateBook({ live: (symbol) => board.get(symbol)?.amount })
const decimalPrices = new Map<string, Decimal>()
let decimalRates = new Map<string, Decimal>()

function move(round: number): void {
  now += 1
  for (const symbol of allSymbols()) accept(symbol, priceOf(symbol, round), round)
  const dollar = `${16_287 + (Math.floor(round / 10) % 7)}.25`
  accept('USD-IDR', dollar, round)
  rates.moved('USD-IDR')
  decimalRates = new Map([
    ['USDUSD', new Exact(1)],
    ['IDRIDR', new Exact(1)],
    ['USDIDR', new Exact(dollar)],
    // What the product divides it rounds at the 18th digit.
    ['IDRUSD', new Exact(1).div(dollar).toDecimalPlaces(18)],
  ])
}

function accept(symbol: string, price: string, order: number): void {
  const currency = symbol === 'USD-IDR' ? 'IDR' : 'USD'
  const freshUntil = now + 60_000
  version += 1
  board.take({
    symbol,
    source: 'coinbase',
    price,
    at: now,
    order,
    currency,
    state: 'live',
    freshUntil,
    version,
  })
  decimalPrices.set(symbol, new Exact(price))
}

function portfolio(number: number): Portfolio {
  const currency = number % 2 === 0 ? 'USD' : 'IDR'
  const market: Market = {
    mark: (symbol) => board.get(symbol),
    rate: (from) => rates.get(from, currency),
  }
  const symbols = allSymbols()
  const all = Array.from({ length: HOLDINGS }, (_, place) => {
    const account = place === HOLDINGS - 1
    const symbol = account ? null : (symbols[(number * 7 + place * 13) % symbols.length] ?? null)
    return positionOf(number * HOLDINGS + place, symbol, currency)
  })
  return {
    currency,
    market,
    book: bookOf(all.map(({ position }) => position)),
    decimals: all.map(({ decimal }) => decimal),
  }
}

function positionOf(number: number, symbol: string | null, base: 'USD' | 'IDR') {
  const currency = symbol === null ? 'IDR' : 'USD'
  const quantity = symbol === null ? `${(number * 7_919) % 90_000_000}` : decimal(number, 100_000, 8)
  const cost = decimal(number, 900_000, 2)
  const start = symbol === null ? '1' : priceOf(symbol, 0)
  const rate = currency === base ? '1' : currency === 'USD' ? '16250.5' : '0.000061535091228070'
  const position: Position = {
    assetId: id(2, number),
    type: symbol === null ? 'CASH' : 'CRYPTO',
    name: 'a holding',
    symbol,
    byMarket: symbol !== null,
    currency,
    quantity: parseFixed(quantity),
    cost: parseFixed(cost),
    baseCost: null,
    fixedPrice: symbol === null ? rupiah() : null,
    day: { start: valueAtDayStart(parseFixed(quantity), parseFixed(start), parseFixed(rate)), flow: 0n },
  }
  const dayStart = new Exact(quantity).times(start).times(rate)
  const numbers = { quantity: new Exact(quantity), cost: new Exact(cost), price: new Exact(1), dayStart }
  return { position, decimal: { symbol, currency, ...numbers } as const }
}

function rupiah() {
  const at = new Date(now).toISOString()
  const price = {
    symbol: 'IDR',
    amount: '1',
    currency: 'IDR',
    at,
    source: 'manual',
    state: 'manual',
  } as const
  return { amount: parseFixed('1'), price, json: JSON.stringify(price) }
}

/** A number below `most` with up to `digits` digits behind the point. */
function decimal(number: number, most: number, digits: number): string {
  const fraction = String((number * 104_729 + 1) % 10 ** digits).padStart(digits, '0')
  return `${(number * 7_919 + 1) % most}.${fraction}`
}

interface DecimalWorth {
  readonly value: Decimal
  readonly cost: Decimal
  readonly dayChange: Decimal
}

/** The same formulas in decimal.js: value, cost and day change of each, and their sums. */
function valueInDecimals({ currency, decimals }: Portfolio) {
  const worths: DecimalWorth[] = []
  let total = ZERO
  let cost = ZERO
  let dayChange = ZERO
  for (const position of decimals) {
    const rate = decimalRates.get(position.currency + currency) ?? ZERO
    const price = position.symbol === null ? position.price : (decimalPrices.get(position.symbol) ?? ZERO)
    const value = position.quantity.times(price).times(rate)
    const worth = { value, cost: position.cost.times(rate), dayChange: value.minus(position.dayStart) }
    worths.push(worth)
    total = total.plus(worth.value)
    cost = cost.plus(worth.cost)
    dayChange = dayChange.plus(worth.dayChange)
  }
  return { total, cost, dayChange, worths }
}

const ZERO = new Exact(0)
move(1)
const portfolios = Array.from({ length: PORTFOLIOS }, (_, number) => portfolio(number))

/** Every amount of every portfolio by both ways, as text; throws at the first difference. */
function compare(): { portfolios: number; texts: number } {
  let texts = 0
  for (const one of portfolios) {
    const { totals, worths } = value(one.book, one.market)
    const theirs = valueInDecimals(one)
    const pairs: [bigint | null, Decimal | undefined][] = [
      [totals.total, theirs.total],
      [totals.cost, theirs.cost],
      [totals.dayChange, theirs.dayChange],
      ...worths.flatMap((worth, index): [bigint | null, Decimal | undefined][] => {
        const other = theirs.worths[index]
        return [
          [amountOf(worth), other?.value],
          [costOf(worth), other?.cost],
          [dayChangeOf(worth, amountOf(worth)), other?.dayChange],
        ]
      }),
    ]
    for (const [own, other] of pairs) {
      const text = own === null ? 'null' : formatFixed(own, WORTH_SCALE)
      if (text !== other?.toFixed()) throw new Error(`${text} is not ${other?.toFixed()}`)
      texts += 1
    }
  }
  return { portfolios: portfolios.length, texts }
}

/** Positions in a CPU-second; the best round, as other work on the machine only slows down. */
function measure(way: 'harta' | 'decimals'): number {
  const ours = (one: Portfolio) => value(one.book, one.market).totals.total === -1n
  const theirs = (one: Portfolio) => valueInDecimals(one).total.eq(-1)
  let best = 0
  for (let round = 1; round <= ROUNDS; round += 1) {
    best = Math.max(best, rate(way === 'harta' ? ours : theirs, round * 1_000))
  }
  return best
}

/** Counts what comes out wrong as well, so that nothing can be left out as unused. */
function rate(work: (one: Portfolio) => boolean, firstRound: number): number {
  const began = performance.now()
  let seconds = 0
  let positions = 0
  let impossible = 0
  for (let turn = 0; performance.now() - began < ROUND_MS; turn += 1) {
    move(firstRound + turn)
    const before = cpuSeconds()
    for (const one of portfolios) if (work(one)) impossible += 1
    seconds += cpuSeconds() - before
    positions += portfolios.length * HOLDINGS
  }
  if (impossible > 0) throw new Error('a total is not what it can be')
  return positions / seconds
}

const handlers = { compare, measure }
export type ValueAnswers = typeof handlers

answer(handlers)
