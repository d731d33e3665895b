import { parsePair } from '../instruments/symbol.js'
import { currencyOfHundredth, minorDigits } from '../lib/currency.js'
import { formatScaled, parseFixed, powerOfTen, toMoney } from '../lib/decimal.js'
import type { Allocation } from '../protocol/insights.js'
import type { AssetType, Holding, Valuation } from '../protocol/resources.js'

/**
 * How a portfolio is spread. Pure. Parts are summed from exact values and rounded once. Shares are of the sum of
 * the parts that count positive, four digits each, and are rounded by the largest remainder, so that they add up
 * to exactly 1. What is owed is a part of its own, negative and without a share; so is a part whose accounts are
 * overdrawn.
 */
export type AllocationBy = Allocation['by']

/** Scale of a quantity times a price times a rate. */
const EXACT_SCALE = 54
const SHARE_DIGITS = 4

const TYPES: Readonly<Record<AssetType, string>> = {
  CASH: 'Cash',
  STOCK: 'Stocks',
  CRYPTO: 'Crypto',
  REAL: 'Real assets',
  LIABILITY: 'Liabilities',
}

interface Part {
  readonly key: string
  readonly name: string
  readonly value: bigint
  readonly isDebt: boolean
}

/** Holdings without a value are in no part; `coverage` names them. */
export function allocationOf(valuation: Valuation, by: AllocationBy): Allocation {
  const { currency, total, coverage, holdings } = valuation
  const parts = new Map<string, Part>()
  for (const holding of holdings) {
    const worth = worthOf(holding)
    if (worth === null) continue
    const { key, name } = placeOf(holding, by)
    const value = worth + (parts.get(key)?.value ?? 0n)
    parts.set(key, { key, name, value, isDebt: holding.type === 'LIABILITY' })
  }
  const sorted = [...parts.values()].sort((a, b) => compare(b.value, a.value))
  const shares = sharesOf(sorted)
  const digits = minorDigits(currency)
  return {
    currency,
    by,
    total,
    coverage,
    parts: sorted.map(({ key, name, value }, place) => ({
      key,
      name,
      value: toMoney(value, EXACT_SCALE, digits),
      share: shares[place] ?? null,
    })),
  }
}

/** The share of each in what counts positive, as text; null for what does not, and for all when nothing does. */
function sharesOf(parts: readonly Part[]): readonly (string | null)[] {
  const counted = parts.map(({ value, isDebt }) => (isDebt || value < 0n ? null : value))
  const sum = counted.reduce<bigint>((total, value) => total + (value ?? 0n), 0n)
  if (sum === 0n) return parts.map(() => null)
  const whole = powerOfTen(SHARE_DIGITS)
  const units = counted.map((value) => ((value ?? 0n) * whole) / sum)
  const rests = counted.map((value) => ((value ?? 0n) * whole) % sum)
  const missing = Number(whole - units.reduce((total, one) => total + one, 0n))
  const byRest = [...rests.keys()].sort((a, b) => compare(rests[b] ?? 0n, rests[a] ?? 0n))
  const raised = new Set(byRest.slice(0, missing))
  return counted.map((value, place) => {
    if (value === null) return null
    return formatScaled((units[place] ?? 0n) + (raised.has(place) ? 1n : 0n), SHARE_DIGITS)
  })
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function placeOf(holding: Holding, by: AllocationBy): { readonly key: string; readonly name: string } {
  const { assetId, name, type } = holding
  if (by === 'asset') return { key: assetId, name }
  if (by === 'type' || type === 'LIABILITY') return { key: type, name: TYPES[type] }
  const key = exposureOf(holding)
  return { key, name: key }
}

/**
 * The currency that a holding stands and falls with: a coin is its own, whatever it is quoted in; everything else
 * is of the currency of its price, and pence are pounds.
 */
function exposureOf({ type, symbol, price }: Holding): string {
  const pair = type === 'CRYPTO' && symbol !== null ? parsePair(symbol) : null
  const currency = price?.currency ?? ''
  return pair?.base ?? currencyOfHundredth(currency) ?? currency
}

function worthOf({ type, quantity, price, rate, value }: Holding): bigint | null {
  if (value === null || price === null || rate === null) return null
  const amount = parseFixed(quantity) * parseFixed(price.amount) * parseFixed(rate)
  return type === 'LIABILITY' ? -amount : amount
}
