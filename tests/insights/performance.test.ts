import { expect } from 'chai'
import fc from 'fast-check'
import { isAccount } from '../../src/assets/ledger.js'
import type { LedgerRow } from '../../src/assets/ledger-store.js'
import { type Book, dateOf, dayOf, VALUE_SCALE, type Values } from '../../src/insights/book.js'
import type { OwnedAsset } from '../../src/insights/book-store.js'
import { gainsOf, netOf, sumGains } from '../../src/insights/gains.js'
import { performance } from '../../src/insights/performance.js'
import { printGains } from '../../src/insights/print-gains.js'
import { tallies } from '../../src/insights/steps.js'
import { turns } from '../../src/insights/turns.js'
import { walk } from '../../src/insights/walk.js'
import { ONE, parseFixed } from '../../src/lib/decimal.js'
import type { ActivityType, AssetType } from '../../src/protocol/resources.js'

const FIRST = dayOf('2024-01-01')
const DAYS = 40
const KINDS: readonly (readonly [name: string, type: AssetType, currency: string])[] = [
  ['share', 'STOCK', 'EUR'],
  ['stock', 'STOCK', 'USD'],
  ['other', 'STOCK', 'USD'],
  ['cash', 'CASH', 'EUR'],
  ['dollars', 'CASH', 'USD'],
  ['loan', 'LIABILITY', 'USD'],
]
const ASSETS: readonly OwnedAsset[] = KINDS.map(([name, type, currency]) => ({
  id: name,
  name,
  type,
  currency,
  symbol: null,
  pricing: 'MANUAL',
  shortAllowed: true,
  marketCurrency: null,
}))

/** Prices of holdings and the rate of the dollar, of each day, in the smallest units that are stored. */
interface World {
  readonly prices: readonly (readonly bigint[])[]
  readonly rates: readonly bigint[]
}
const amount = (least: string, most: string) => fc.bigInt(parseFixed(least), parseFixed(most))
const world: fc.Arbitrary<World> = fc.record({
  prices: fc.array(fc.array(amount('1', '300'), { minLength: DAYS + 1, maxLength: DAYS + 1 }), {
    minLength: ASSETS.length,
    maxLength: ASSETS.length,
  }),
  rates: fc.array(amount('0.5', '1.5'), { minLength: DAYS + 1, maxLength: DAYS + 1 }),
})

interface Step {
  readonly place: number
  readonly day: number
  readonly type: number
  readonly quantity: bigint
  readonly price: bigint
  readonly fee: bigint
  readonly tax: bigint
  readonly settled: boolean
}
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    place: fc.nat(ASSETS.length - 1),
    day: fc.integer({ min: 1, max: DAYS }),
    type: fc.nat(5),
    quantity: amount('0.000000000000000001', '50'),
    price: amount('0', '300'),
    fee: amount('0', '3'),
    tax: amount('0', '3'),
    settled: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
)

const OF_HOLDINGS: readonly ActivityType[] = ['BUY', 'BUY', 'SELL', 'DIVIDEND', 'FEE', 'TAX']
const OF_ACCOUNTS: readonly ActivityType[] = [
  'DEPOSIT',
  'DEPOSIT',
  'WITHDRAWAL',
  'INTEREST',
  'FEE',
  'ADJUSTMENT',
]

/** The steps until a day as they are stored; some trades are settled by the account of their currency. */
function rowsOf(given: readonly Step[], to = DAYS): readonly LedgerRow[] {
  const rows = given
    .filter(({ day }) => day <= to)
    .sort((a, b) => a.day - b.day)
    .flatMap((step, index): LedgerRow[] => {
      const asset = ASSETS[step.place]
      if (!asset) return []
      const ofAccount = isAccount(asset.type)
      const type = (ofAccount ? OF_ACCOUNTS : OF_HOLDINGS)[step.type] ?? 'FEE'
      const isTrade = type === 'BUY' || type === 'SELL'
      const { quantity, price, fee, tax } = step
      const cash = (quantity * price) / ONE
      const common = { currency: asset.currency, rate: null, rateCurrency: null, ratio: null }
      const date = dateOf(FIRST + step.day)
      const row: LedgerRow = {
        ...common,
        id: `e${index}`,
        assetId: asset.id,
        ofAccount,
        assetCurrency: asset.currency,
        type,
        date,
        quantity: isTrade ? quantity : null,
        unitPrice: null,
        amount: isTrade ? cash : quantity,
        fee,
        tax,
        causeId: null,
      }
      if (!isTrade || !step.settled) return [row]
      const moved = type === 'BUY' ? -(cash + fee + tax) : cash - fee - tax
      const payer = asset.currency === 'EUR' ? 'cash' : 'dollars'
      const settling: LedgerRow = {
        ...row,
        id: `s${index}`,
        assetId: payer,
        ofAccount: true,
        type: moved < 0n ? 'WITHDRAWAL' : 'DEPOSIT',
        quantity: null,
        amount: moved < 0n ? -moved : moved,
        fee: 0n,
        tax: 0n,
        causeId: row.id,
      }
      return [row, settling]
    })
  return rows
}

function bookOf(rows: readonly LedgerRow[], { prices, rates }: World): Book {
  const at = (date: string): number => dayOf(date) - FIRST
  const rate = (currency: string, date: string) => (currency === 'EUR' ? ONE : (rates[at(date)] ?? null))
  const values: Values = {
    rate,
    price: (asset, date) => {
      const known = isAccount(asset.type) ? ONE : prices[ASSETS.indexOf(asset)]?.[at(date)]
      return known === undefined ? null : { amount: known, currency: asset.currency, ageDays: 0 }
    },
  }
  return {
    currency: 'EUR',
    timeZone: 'UTC',
    today: dateOf(FIRST + DAYS),
    assets: ASSETS,
    rows,
    rates: { rate: (from, _, date) => rate(from, date) },
    values,
  }
}

const window = fc
  .tuple(fc.integer({ min: 1, max: DAYS }), fc.integer({ min: 1, max: DAYS }))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
const method = fc.constantFrom('fifo' as const, 'average' as const)
const ask = (from: number, to: number, more: { method?: 'fifo' | 'average'; assetId?: string } = {}) => ({
  from: dateOf(FIRST + from),
  to: dateOf(FIRST + to),
  method: more.method ?? 'fifo',
  assetId: more.assetId ?? null,
})
const cents = (text: string | null | undefined): bigint => {
  if (text == null) throw new Error('not known')
  return BigInt(text.replace('.', ''))
}

describe('performance', () => {
  it('adds up to the last printed digit, of the whole and of each asset, by both methods', async () => {
    await fc.assert(
      fc.asyncProperty(world, steps, window, method, async (known, given, [from, to], by) => {
        const told = await performance(
          bookOf(rowsOf(given, to), known),
          ask(from, to, { method: by }),
          turns(),
        )
        expect(told.coverage.unpriced).to.deep.equal([])
        for (const row of [told, ...told.assets]) {
          const gross = cents(row.endValue) - cents(row.startValue) - cents(row.netFlows)
          expect(cents(row.grossPerformance)).to.equal(gross)
          const paid = cents(row.dividends) + cents(row.interest) - cents(row.fees) - cents(row.taxes)
          expect(cents(row.netPerformance)).to.equal(gross + paid)
          const gained = cents(row.realised) + cents(row.unrealised) - cents(row.unrealisedBefore)
          expect(gained).to.equal(gross - cents(row.tradeFees))
          expect(cents(row.priceGain) + cents(row.currencyGain)).to.equal(gained)
          const open = cents(row.endValue) - cents(row.cost) - cents(row.unrealised)
          expect(open <= 1n && open >= -1n).to.equal(true)
        }
        const share = told.assets.find(({ assetId }) => assetId === 'share')
        expect(share?.currencyGain ?? '0.00').to.equal('0.00')
      }),
      { numRuns: 60 },
    )
  })

  it('is exactly what the end is more than the start and what crossed the edge', async () => {
    await fc.assert(
      fc.asyncProperty(world, steps, window, method, async (known, given, [from, to], by) => {
        const book = bookOf(rowsOf(given, to), known)
        const [fromDay, toDay] = [FIRST + from, FIRST + to]
        const found = await tallies(book, { method: by, fromDay }, turns())
        const start = dateOf(fromDay - 1)
        const rows = ASSETS.map((asset, place) => {
          const tally = found[place]
          if (!tally) throw new Error('no tally')
          return gainsOf(asset, tally, book.values, { start, to: dateOf(toDay) }).gains
        })
        for (const inside of [new Set(ASSETS.keys()), new Set([0, 1]), new Set([1, 4])]) {
          const gains = sumGains(rows.filter((_, place) => inside.has(place)))
          const days = await walk(book, found, { inside, firstDay: fromDay, toDay }, turns())
          const crossed = days?.reduce((sum, day) => sum + day.deposits - day.withdrawals, 0n)
          expect(days?.at(-1)?.value).to.equal(gains.endValue)
          expect((gains.startValue ?? 0n) + (crossed ?? 0n) + (netOf(gains) ?? 0n)).to.equal(gains.endValue)
          const { realised, priceGain, tradeFees, netFlows, cost, startCost } = gains
          expect([realised, priceGain, tradeFees, netFlows, cost, startCost]).to.not.include(null)
          const before = (gains.startValue ?? 0n) - (startCost ?? 0n)
          const gross = (gains.endValue ?? 0n) - (gains.startValue ?? 0n) - (netFlows ?? 0n)
          const parts = (realised ?? 0n) + (gains.endValue ?? 0n) - (cost ?? 0n) - before
          expect(parts).to.equal(gross - (tradeFees ?? 0n))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('prints no figure more than one minor unit off what it is', () => {
    const figure = fc.bigInt(-(10n ** 56n), 10n ** 56n)
    const figures = fc.record({
      startValue: figure,
      endValue: figure,
      netFlows: figure,
      fees: figure,
      taxes: figure,
      dividends: figure,
      interest: figure,
      tradeFees: figure,
      cost: figure,
      investment: figure,
      startCost: figure,
      priceGain: figure,
    })
    fc.assert(
      fc.property(figures, fc.constantFrom('JPY', 'EUR', 'BHD'), (given, currency) => {
        const { startValue, endValue, netFlows, fees, taxes, dividends, interest, tradeFees } = given
        const gross = endValue - startValue - netFlows
        const unrealised = endValue - given.cost
        const unrealisedBefore = startValue - given.startCost
        const realised = gross - tradeFees - unrealised + unrealisedBefore
        const told = printGains({ ...given, realised }, currency)
        const digits = { JPY: 0, EUR: 2, BHD: 3 }[currency] ?? 2
        const unit = 10n ** BigInt(VALUE_SCALE - digits)
        const exact = {
          ...given,
          grossPerformance: gross,
          netPerformance: gross - fees - taxes + dividends + interest,
          realised,
          unrealised,
          unrealisedBefore,
          currencyGain: gross - tradeFees - given.priceGain,
        }
        for (const [name, text] of Object.entries(told)) {
          const error = cents(text) * unit - (exact[name as keyof typeof exact] ?? 0n)
          expect(error < unit && error > -unit, `${name} ${text}`).to.equal(true)
        }
        expect([cents(told.startValue), cents(told.endValue)].map((value) => value * unit)).to.satisfy(
          ([start = 0n, end = 0n]: bigint[]) =>
            [start - startValue, end - endValue].every((error) => 2n * error <= unit && 2n * error >= -unit),
        )
      }),
    )
  })

  describe('by time', () => {
    const pricesOf = ({ prices }: World) => (prices[0] ?? []).map((price) => Number(price))
    /** What is bought at the close of the day before, and sold at the close of the day: no fees. */
    const trades = ({ prices }: World, given: readonly Step[]): readonly LedgerRow[] =>
      rowsOf(
        given.map((step) => {
          const isSale = step.type === 2
          const price = prices[0]?.[isSale ? step.day : step.day - 1] ?? ONE
          return { ...step, place: 0, type: isSale ? 2 : 0, price, fee: 0n, tax: 0n, settled: false }
        }),
      ).map((row) => ({ ...row, amount: null, unitPrice: (prices[0] ?? [])[indexOf(row)] ?? ONE }))
    const indexOf = ({ date, type }: LedgerRow): number => dayOf(date) - FIRST - (type === 'SELL' ? 0 : 1)
    const held: Step = {
      place: 0,
      day: 1,
      type: 0,
      quantity: parseFixed('5000'),
      price: ONE,
      fee: 0n,
      tax: 0n,
      settled: false,
    }

    it('is that of the price, however much is bought and sold in between', async () => {
      await fc.assert(
        fc.asyncProperty(world, steps, async (known, given) => {
          const book = bookOf(trades(known, [held, ...given]), known)
          const { twr } = await performance(book, ask(1, DAYS), turns())
          const prices = pricesOf(known)
          expect(Number(twr)).to.be.closeTo((prices[DAYS] ?? 0) / (prices[0] ?? 1) - 1, 1e-9 * 300)
        }),
        { numRuns: 30 },
      )
    })

    it('of a window is the product of those of its parts', async () => {
      await fc.assert(
        fc.asyncProperty(world, steps, fc.integer({ min: 2, max: DAYS }), async (known, given, second) => {
          const owned = given.map((step) => ({
            ...step,
            place: step.place % 2,
            type: step.type % 2,
            fee: 0n,
            tax: 0n,
            settled: false,
          }))
          const rows = (to: number) => rowsOf([held, ...owned], to)
          const of = async (from: number, to: number) =>
            1 + Number((await performance(bookOf(rows(to), known), ask(from, to), turns())).twr)
          const whole = await of(1, DAYS)
          expect((await of(1, second - 1)) * (await of(second, DAYS))).to.be.closeTo(whole, 1e-6 * whole)
        }),
        { numRuns: 30 },
      )
    })

    it('passes over days of which a price is missing', async () => {
      const known = fc.sample(world, { numRuns: 1, seed: 1 })[0] as World
      const rows = trades(known, [held])
      const gaps = {
        ...known,
        prices: known.prices.map((row) =>
          row.map((price, day) => (day % 7 === 3 ? (undefined as never) : price)),
        ),
      }
      const [whole, gappy] = await Promise.all([
        performance(bookOf(rows, known), ask(1, 35), turns()),
        performance(bookOf(rows, gaps), ask(1, 35), turns()),
      ])
      expect(Number(gappy.twr)).to.be.closeTo(Number(whole.twr), 1e-9)
      expect(gappy.volatility).to.not.equal(whole.volatility)
    })

    it('does not exist of more debts than possessions, and says so', async () => {
      const known = fc.sample(world, { numRuns: 1, seed: 2 })[0] as World
      const debt: Step = { ...held, place: 5, type: 5, quantity: parseFixed('9000') }
      const told = await performance(bookOf(rowsOf([debt]), known), ask(1, DAYS), turns())
      expect(told).to.deep.include({ twr: null, maxDrawdown: null, volatility: null })
      expect(told.reasons).to.deep.include({ twr: 'not-positive', roai: 'nothing-invested' })
    })
  })
})
