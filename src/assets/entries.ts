import { type Fixed, formatFixed, multiplyFixed, parseFixed } from '../lib/decimal.js'
import type { Activity, ActivityType } from '../protocol/resources.js'
import type { ActivityValues, StoredActivity } from './activity-store.js'
import { cashOf, isAccount } from './ledger.js'
import { mistake, requireRoom } from './mistake.js'
import { readRatio, writeRatio } from './ratio.js'
import type { NewActivity, NewAsset } from './schema.js'
import type { NewAssetRow, StoredAsset } from './store.js'

/** Whether something traded is opened without a word of what it cost. */
export function needsMarketPrice(input: NewAsset): input is NewAsset & { readonly symbol: string } {
  if (input.type !== 'STOCK' && input.type !== 'CRYPTO') return false
  return input.symbol !== undefined && input.unitCost === undefined && input.unitPrice === undefined
}

/**
 * The first activity: a purchase at the unit cost, for accounts what is on them or owed. Like a purchase it adds to
 * whatever is told of earlier dates. A unit cost that is not told is the price given by hand, else today's market
 * price, else nothing.
 */
export function openingOf(
  input: NewAsset,
  row: NewAssetRow,
  date: string,
  market: Fixed | undefined,
): ActivityValues | null {
  const account = isAccount(row.type)
  const quantity = parseFixed(input.quantity ?? (row.type === 'REAL' ? '1' : '0'))
  if (quantity === 0n) return null
  const blank = { fee: 0n, tax: 0n, date, currency: row.currency, ...NOTHING_TOLD }
  if (account) {
    return { ...blank, type: row.type === 'CASH' ? 'DEPOSIT' : 'WITHDRAWAL', amount: quantity }
  }
  const told = input.unitCost ?? input.unitPrice
  const unitPrice = told === undefined ? (market ?? 0n) : parseFixed(told)
  const values: ActivityValues = { ...blank, type: 'BUY', quantity, unitPrice }
  requireRoom(cashOf({ ...values, exchange: null }), '/quantity')
  return values
}

const NOTHING_TOLD = {
  quantity: null,
  unitPrice: null,
  amount: null,
  rate: null,
  rateCurrency: null,
  ratio: null,
  note: null,
} as const

/**
 * Which fields an activity of this type needs on this kind of asset. What it says of a rate is taken up where
 * rates are known (activities.ts).
 */
export function readActivity(
  asset: Pick<StoredAsset, 'type' | 'currency'>,
  input: NewActivity,
  today: string,
): ActivityValues {
  if (input.date > today) throw mistake('/date', 'lies in the future')
  if (isAccount(asset.type)) checkAccountMove(input)
  else checkHoldingMove(input)
  if (input.toAssetId !== undefined && input.type !== 'TRANSFER_OUT')
    throw mistake('/toAssetId', 'belongs to a TRANSFER_OUT')
  if (input.toQuantity !== undefined && input.toAssetId === undefined)
    throw mistake('/toQuantity', 'belongs to toAssetId')
  const fixed = (text: string | undefined): Fixed | null => (text === undefined ? null : parseFixed(text))
  const account = isAccount(asset.type)
  const values: ActivityValues = {
    ...NOTHING_TOLD,
    type: input.type,
    date: input.date,
    quantity: account ? null : fixed(input.quantity),
    unitPrice: fixed(input.unitPrice),
    amount: fixed(amountOf(input, account)),
    fee: parseFixed(input.fee ?? '0'),
    tax: parseFixed(input.tax ?? '0'),
    currency: input.currency ?? asset.currency,
    ratio: input.type === 'SPLIT' ? readRatio(input) : null,
    note: input.note ?? null,
  }
  requireRoom(cashOf({ ...values, exchange: null }), largest(values))
  return values
}

/** What is told of the cash; nothing where it follows from the quantity and its price. */
function amountOf(input: NewActivity, account: boolean): string | undefined {
  if (account) return input.amount ?? input.quantity
  return input.unitPrice !== undefined && input.type !== 'TRANSFER_OUT' ? undefined : input.amount
}

/** A pointer to the field by which the cash of an activity is as much as it is. */
function largest({ amount, quantity, unitPrice }: ActivityValues): string {
  if (amount !== null) return '/amount'
  return (unitPrice ?? 0n) > (quantity ?? 0n) ? '/unitPrice' : '/quantity'
}

function checkAccountMove(input: NewActivity): void {
  if (TRADES.has(input.type) || input.type === 'SPLIT')
    throw mistake('/type', `${input.type} does not fit an account`)
  if (input.accountId !== undefined) throw mistake('/accountId', 'is for what is no account itself')
  if (input.amount !== undefined && input.quantity !== undefined)
    throw mistake('/quantity', 'does not belong to it; give amount')
  if (input.amount === undefined && input.quantity === undefined) throw mistake('/amount', 'is needed')
}

function checkHoldingMove(input: NewActivity): void {
  const { type } = input
  if (ACCOUNT_MOVES.has(type)) throw mistake('/type', `${type} needs a CASH or LIABILITY asset`)
  if (input.accountId !== undefined && !SETTLED.has(type)) throw mistake('/accountId', `is not for ${type}`)
  if (type === 'SPLIT') {
    checkSplit(input)
    return
  }
  if (input.ratio !== undefined) throw mistake('/ratio', 'belongs to a SPLIT')
  if (COUNTED.has(type) && input.quantity === undefined) throw mistake('/quantity', 'is needed')
  const none = parseFixed(input.quantity ?? '0') === 0n
  if ((TRADES.has(type) || input.toAssetId !== undefined) && none)
    throw mistake('/quantity', 'must be more than zero')
  if (TRADES.has(type) && input.unitPrice === undefined && input.amount === undefined)
    throw mistake('/unitPrice', 'is needed, or amount')
  if (type !== 'TRANSFER_OUT') checkAmount(input)
  if (COUNTED.has(type)) return
  const product = input.quantity !== undefined && input.unitPrice !== undefined
  if (input.amount === undefined && !product) throw mistake('/amount', 'is needed')
  if (input.quantity !== undefined && !product)
    throw mistake('/quantity', 'does not belong to it; give amount')
}

/** An amount beside the price has to be what follows from it. */
function checkAmount({ quantity = '0', unitPrice, amount }: NewActivity): void {
  if (unitPrice === undefined || amount === undefined) return
  if (parseFixed(amount) !== multiplyFixed(parseFixed(quantity), parseFixed(unitPrice)))
    throw mistake('/amount', 'follows from quantity and unitPrice')
}

function checkSplit(input: NewActivity): void {
  if (input.ratio === undefined && input.quantity === undefined) throw mistake('/ratio', 'is needed')
  for (const field of ['unitPrice', 'amount', 'fee', 'tax'] as const) {
    const told = input[field]
    if (told !== undefined && parseFixed(told) !== 0n)
      throw mistake(`/${field}`, 'does not belong to a SPLIT')
  }
}

const TRADES: ReadonlySet<ActivityType> = new Set(['BUY', 'SELL'])
/** Of a holding: what changes its quantity. */
const COUNTED: ReadonlySet<ActivityType> = new Set([
  'BUY',
  'SELL',
  'TRANSFER_IN',
  'TRANSFER_OUT',
  'ADJUSTMENT',
])
const ACCOUNT_MOVES: ReadonlySet<ActivityType> = new Set(['DEPOSIT', 'WITHDRAWAL'])
/** Of a holding: what an account can pay for, or be paid. */
const SETTLED: ReadonlySet<ActivityType> = new Set(['BUY', 'SELL', 'DIVIDEND', 'INTEREST', 'FEE', 'TAX'])

/** What would be sent to write it as it is; rates aside. */
export function inputOf(activity: StoredActivity): NewActivity {
  const text = <K extends string>(name: K, value: Fixed | null) =>
    (value === null ? {} : { [name]: formatFixed(value) }) as Partial<Record<K, string>>
  const { consequence } = activity
  const other = consequence === null ? {} : goesTo(consequence.type, consequence.assetId)
  return {
    type: activity.type,
    date: activity.date,
    currency: activity.currency,
    ...text('quantity', activity.quantity),
    ...text('unitPrice', activity.unitPrice),
    ...text('amount', activity.amount),
    fee: formatFixed(activity.fee),
    tax: formatFixed(activity.tax),
    ...(activity.ratio === null || activity.quantity !== null ? {} : { ratio: writeRatio(activity.ratio) }),
    ...(activity.note === null ? {} : { note: activity.note }),
    ...other,
  }
}

function goesTo(type: ActivityType, assetId: string): { toAssetId?: string; accountId?: string } {
  return type === 'TRANSFER_IN' ? { toAssetId: assetId } : { accountId: assetId }
}

export function tell(activity: StoredActivity): Activity {
  const text = (value: Fixed | null): string | null => (value === null ? null : formatFixed(value))
  const { consequence } = activity
  const { toAssetId, accountId } = consequence ? goesTo(consequence.type, consequence.assetId) : {}
  const isMoney = activity.amount !== null || (activity.unitPrice !== null && activity.quantity !== null)
  return {
    id: activity.id,
    assetId: activity.assetId,
    type: activity.type,
    date: activity.date,
    quantity: text(activity.quantity),
    unitPrice: text(activity.unitPrice),
    amount: isMoney ? formatFixed(cashOf({ ...activity, exchange: null })) : null,
    fee: formatFixed(activity.fee),
    tax: formatFixed(activity.tax),
    currency: activity.currency,
    rate: text(activity.rate),
    ratio: activity.ratio && writeRatio(activity.ratio),
    accountId: accountId ?? null,
    toAssetId: toAssetId ?? null,
    cause: activity.cause,
    note: activity.note,
    version: activity.version,
  }
}
