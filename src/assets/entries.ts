import { type Fixed, formatFixed, ONE, parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { Activity } from '../protocol/resources.js'
import { cashOf } from './ledger.js'
import type { NewActivity, NewAsset } from './schema.js'
import type { ActivityValues, NewAssetRow, StoredActivity, StoredAsset } from './store.js'

/** What is remembered of an activity, as it is told. */
export type ToldActivity = Activity & { readonly note: string | null; readonly version: number }

/** Whether something traded is opened without a word of what it cost. */
export function needsMarketPrice(input: NewAsset): input is NewAsset & { readonly symbol: string } {
  if (input.type !== 'STOCK' && input.type !== 'CRYPTO') return false
  return input.symbol !== undefined && input.unitCost === undefined && input.unitPrice === undefined
}

/**
 * The first activity: a purchase at the unit cost, for accounts a balance. A unit cost that is not told is the
 * price given by hand, else today's market price, else nothing.
 */
export function openingOf(
  input: NewAsset,
  row: NewAssetRow,
  date: string,
  market: Fixed | undefined,
): ActivityValues | null {
  const account = row.type === 'CASH' || row.type === 'LIABILITY'
  const quantity = parseFixed(input.quantity ?? (row.type === 'REAL' ? '1' : '0'))
  if (quantity === 0n) return null
  const blank = { fee: 0n, tax: 0n, date, note: null }
  if (account) {
    return {
      ...blank,
      type: row.type === 'CASH' ? 'DEPOSIT' : 'ADJUSTMENT',
      quantity: null,
      unitPrice: null,
      amount: quantity,
    }
  }
  const told = input.unitCost ?? input.unitPrice
  const unitPrice = told === undefined ? (market ?? 0n) : parseFixed(told)
  const values: ActivityValues = { ...blank, type: 'BUY', quantity, unitPrice, amount: null }
  requireRoom(cashOf({ ...values, exchange: null }))
  return values
}

/** Which fields an activity of this type needs on this kind of asset. */
export function readActivity(asset: StoredAsset, input: NewActivity, today: string): ActivityValues {
  if (input.date > today) throw mistake('/date', 'lies in the future')
  if (input.currency !== undefined && input.currency !== asset.currency) {
    throw mistake('/currency', `has to be ${asset.currency}, the asset's own`)
  }
  const account = asset.type === 'CASH' || asset.type === 'LIABILITY'
  const counted = QUANTITY_TYPES.has(input.type)
  if (account && TRADES.has(input.type)) throw mistake('/type', `${input.type} does not fit an account`)
  if (!account && ACCOUNT_MOVES.has(input.type))
    throw mistake('/type', `${input.type} needs a CASH or LIABILITY asset`)
  if (!account && counted && input.quantity === undefined) throw mistake('/quantity', 'is needed')
  if ((account || !counted) && input.amount === undefined) throw mistake('/amount', 'is needed')
  if (TRADES.has(input.type) && input.unitPrice === undefined) throw mistake('/unitPrice', 'is needed')
  if (TRADES.has(input.type) && input.amount !== undefined)
    throw mistake('/amount', 'follows from quantity and unitPrice')
  if ((account || !counted) && input.quantity !== undefined)
    throw mistake('/quantity', 'does not belong to it; give amount')
  if (TRADES.has(input.type) && parseFixed(input.quantity ?? '0') === 0n)
    throw mistake('/quantity', 'must be more than zero')
  const fixed = (text: string | undefined): Fixed | null => (text === undefined ? null : parseFixed(text))
  const values: ActivityValues = {
    type: input.type,
    date: input.date,
    quantity: fixed(input.quantity),
    unitPrice: fixed(input.unitPrice),
    amount: fixed(input.amount),
    fee: parseFixed(input.fee ?? '0'),
    tax: parseFixed(input.tax ?? '0'),
    note: input.note ?? null,
  }
  requireRoom(cashOf({ ...values, exchange: null }))
  return values
}

const TRADES: ReadonlySet<string> = new Set(['BUY', 'SELL'])
const QUANTITY_TYPES: ReadonlySet<string> = new Set([
  'BUY',
  'SELL',
  'TRANSFER_IN',
  'TRANSFER_OUT',
  'ADJUSTMENT',
])
const ACCOUNT_MOVES: ReadonlySet<string> = new Set(['DEPOSIT', 'WITHDRAWAL'])

/** Amounts have 20 digits before the point at most, like everything that is stored and told. */
export function requireRoom(amount: Fixed): void {
  if (amount < 10n ** 20n * ONE && amount > -(10n ** 20n) * ONE) return
  throw new AppError(
    'invalid',
    'amount-too-large',
    'Quantity and price make an amount of more than 20 digits.',
  )
}

export function mistake(pointer: string, detail: string): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: [{ pointer, detail }],
  })
}

export function inputOf(activity: StoredActivity): NewActivity {
  const text = <K extends string>(name: K, value: Fixed | null) =>
    (value === null ? {} : { [name]: formatFixed(value) }) as Partial<Record<K, string>>
  return {
    type: activity.type as NewActivity['type'],
    date: activity.date,
    ...text('quantity', activity.quantity),
    ...text('unitPrice', activity.unitPrice),
    ...text('amount', activity.amount),
    fee: formatFixed(activity.fee),
    tax: formatFixed(activity.tax),
    ...(activity.note === null ? {} : { note: activity.note }),
  }
}

export function tell(activity: StoredActivity): ToldActivity {
  const text = (value: Fixed | null): string | null => (value === null ? null : formatFixed(value))
  const cash = cashOf(activity)
  return {
    id: activity.id,
    assetId: activity.assetId,
    type: activity.type,
    date: activity.date,
    quantity: text(activity.quantity),
    unitPrice: text(activity.unitPrice),
    amount: activity.amount === null && activity.unitPrice === null ? null : formatFixed(cash),
    fee: formatFixed(activity.fee),
    tax: formatFixed(activity.tax),
    currency: activity.currency,
    rate: activity.rate,
    ratio: null,
    accountId: null,
    toAssetId: null,
    cause: null,
    note: activity.note,
    version: activity.version,
  }
}
