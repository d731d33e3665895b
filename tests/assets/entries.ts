import fc from 'fast-check'
import type { Entry } from '../../src/assets/ledger.js'
import { ONE, parseFixed } from '../../src/lib/decimal.js'

let made = 0

/** An entry of asset `a`, in its own currency, which is the base currency; numbers as text. */
export function entryOf(
  type: Entry['type'],
  more: Partial<Record<'quantity' | 'unitPrice' | 'amount' | 'fee' | 'tax' | 'ratio', string>> &
    Partial<Wide> = {},
): Entry {
  const { quantity, unitPrice, amount, fee, tax, ratio, ...wide } = more
  const fixed = (text: string | undefined) => (text === undefined ? null : parseFixed(text))
  const [numerator, denominator] = ratio?.split(':') ?? []
  made += 1
  return {
    id: `entry-${made}`,
    assetId: 'a',
    type,
    date: '2024-01-01',
    quantity: fixed(quantity),
    unitPrice: fixed(unitPrice),
    amount: fixed(amount),
    fee: fixed(fee) ?? 0n,
    tax: fixed(tax) ?? 0n,
    exchange: null,
    ratio:
      numerator && denominator ? { numerator: BigInt(numerator), denominator: BigInt(denominator) } : null,
    causeId: null,
    baseRate: ONE,
    ...wide,
  }
}

type Wide = Pick<Entry, 'id' | 'assetId' | 'date' | 'exchange' | 'causeId' | 'baseRate'>

/** Amounts with no, few and all decimals, dust among them. */
export const amount = fc
  .tuple(fc.nat(99_999), fc.constantFrom('', '.5', '.333333333333333333', '.0000000123'))
  .map((parts) => parts.join(''))
export const positive = amount.map((text) => (Number(text) === 0 ? '1' : text))
