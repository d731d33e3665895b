import { readActivity } from '../assets/entries.js'
import { isAccount } from '../assets/ledger.js'
import { type NewAsset, newActivity } from '../assets/schema.js'
import type { ActivityType, AssetType, CsvReading } from '../protocol/resources.js'
import { activityKey, type Candidate } from './candidates.js'
import { quote, type Row } from './csv-row.js'
import type { Known, KnownAsset } from './known.js'
import { checked, Mistaken, type Names, shaped } from './names.js'
import type { Draft } from './plan.js'

export interface CsvContext {
  readonly draft: Draft
  readonly known: Known
  readonly resolve: Names
  readonly reading: CsvReading
  /** Of rows that name none. */
  readonly currency: string | null
  /** Of rows that name no asset or account. */
  readonly account: KnownAsset | undefined
  /** Whether the file is one of ours. */
  readonly own: boolean
}

/** How rows of a kind are read. */
export interface RowReader {
  /** Makes what rows of the file are about, before any of them refers to another's. */
  prepare(row: Row): void
  read(row: Row): Candidate
}

/** Reads rows as activities. */
export function activityRows(context: CsvContext): RowReader {
  const { draft, known, resolve } = context
  const read = (row: Row): Candidate => {
    const date = row.date()
    const type = typeOf(row)
    const asset = assetOf(row, type, context)
    const input = inputOf(row, date, type, asset, context)
    const activity = shaped(newActivity, input)
    const values = checked(() => readActivity(asset, activity, known.today))
    draft.count('activities')
    return {
      row: row.row,
      date,
      key: activityKey({ ...values, assetId: asset.id }),
      of: { assetId: asset.id },
      step: () => ({
        ...({ what: 'activity', row: row.row, assetId: asset.id, input: activity } as const),
        ...draft.seat(),
        follower: draft.seat(),
      }),
    }
  }

  return { prepare: (row) => void assetOf(row, typeOf(row), context), read }

  function inputOf(row: Row, date: string, type: ActivityType, asset: KnownAsset, { currency }: CsvContext) {
    const number = (field: Parameters<Row['number']>[0]) => row.number(field)?.replace('-', '')
    const [quantity, unitPrice, amount] = [number('quantity'), number('unitPrice'), number('amount')]
    const account = isAccount(asset.type)
    const priced = quantity !== undefined && unitPrice !== undefined && type !== 'TRANSFER_OUT'
    const split = type === 'SPLIT'
    const ownCurrency = row.text('currency') ?? currency
    const [accountName, target] = [row.text('account'), row.text('toAsset')]
    const settling =
      accountName === null ? null : resolve.account(row.row, accountName, ownCurrency ?? asset.currency)
    const receiving = target === null ? null : resolve.named(target)[0]
    if (receiving === undefined) throw new Mistaken('toAsset', `${quote(target ?? '')} is no asset of yours`)
    const told = {
      quantity: account && amount !== undefined ? undefined : quantity,
      unitPrice: account ? undefined : unitPrice,
      amount: (priced && !account) || split ? undefined : amount,
      fee: number('fee'),
      tax: number('tax'),
      currency: ownCurrency?.length === 3 ? ownCurrency.toUpperCase() : ownCurrency,
      rate: row.number('rate'),
      ratio: split && quantity !== undefined ? undefined : row.text('ratio'),
      accountId: settling && settling.id !== asset.id ? settling.id : undefined,
      toAssetId: receiving?.id,
      toQuantity: receiving ? number('toQuantity') : undefined,
      note: row.text('note'),
    }
    const given = Object.entries(told).filter(([, value]) => value !== undefined && value !== null)
    return { type, date, ...Object.fromEntries(given) }
  }
}

/** Words for what happened, in English and Indonesian. */
const TYPES: Readonly<Record<string, ActivityType>> = {
  ...{ buy: 'BUY', b: 'BUY', purchase: 'BUY', bought: 'BUY', beli: 'BUY', pembelian: 'BUY' },
  ...{ sell: 'SELL', s: 'SELL', sale: 'SELL', sold: 'SELL', jual: 'SELL', penjualan: 'SELL' },
  ...{ dividend: 'DIVIDEND', dividends: 'DIVIDEND', dividen: 'DIVIDEND' },
  ...{ deposit: 'DEPOSIT', setor: 'DEPOSIT', setoran: 'DEPOSIT', topup: 'DEPOSIT' },
  ...{ withdrawal: 'WITHDRAWAL', withdraw: 'WITHDRAWAL', tarik: 'WITHDRAWAL', penarikan: 'WITHDRAWAL' },
  ...{
    interest: 'INTEREST',
    bunga: 'INTEREST',
    fee: 'FEE',
    fees: 'FEE',
    biaya: 'FEE',
    tax: 'TAX',
    pajak: 'TAX',
  },
  ...{ split: 'SPLIT', stocksplit: 'SPLIT', adjustment: 'ADJUSTMENT', penyesuaian: 'ADJUSTMENT' },
  ...{ transferin: 'TRANSFER_IN', transfermasuk: 'TRANSFER_IN', receive: 'TRANSFER_IN' },
  ...{ transferout: 'TRANSFER_OUT', transferkeluar: 'TRANSFER_OUT', send: 'TRANSFER_OUT' },
}

function typeOf(row: Row): ActivityType {
  const told = row.text('type')
  if (told !== null) {
    const known = TYPES[told.toLowerCase().replace(/[^a-z]/g, '')]
    if (!known) throw new Mistaken('type', `${quote(told)} is no kind of activity that is known`)
    return known
  }
  const quantity = row.number('quantity')
  if (quantity !== null) return quantity.startsWith('-') ? 'SELL' : 'BUY'
  const amount = row.number('amount')
  if (amount === null) throw new Mistaken('type', 'is empty')
  return amount.startsWith('-') ? 'WITHDRAWAL' : 'DEPOSIT'
}

/** The asset that the row names; the one that was told for all, where it names none. */
function assetOf(
  row: Row,
  type: ActivityType,
  { resolve, account, currency, known }: CsvContext,
): KnownAsset {
  const name = row.text('asset')
  const assetType = assetTypeOf(row)
  const own = row.text('assetCurrency') ?? row.text('currency') ?? currency ?? undefined
  const symbol = symbolOf(row, assetType, own ?? known.baseCurrency)
  if (name === null && symbol === null) {
    const holder = row.text('account')
    if (holder !== null && MONEY.has(type)) return resolve.account(row.row, holder, own ?? known.baseCurrency)
    if (account) return account
    throw new Mistaken('asset', 'is not named; name a column in mapping, or an assetId for all rows')
  }
  const found = resolve.find({ name, symbol })
  if (found) return found
  const pricing = row.text('pricing')?.toUpperCase()
  const input = {
    type: assetType ?? typeBy(symbol, type),
    ...(name === null ? {} : { name }),
    ...(symbol === null ? {} : { symbol }),
    ...(own === undefined ? {} : { currency: own }),
    ...(pricing === undefined ? {} : { pricing }),
  } as NewAsset
  // A symbol says itself in what it is priced; what a row is paid in may be another currency.
  const { currency: _, ...plain } = input
  const free = symbol !== null && row.text('assetCurrency') === null && input.type === 'CRYPTO'
  return resolve.make(row.row, free ? plain : input)
}

const ASSET_TYPES: Readonly<Record<string, AssetType>> = {
  ...{
    cash: 'CASH',
    kas: 'CASH',
    tunai: 'CASH',
    stock: 'STOCK',
    stocks: 'STOCK',
    saham: 'STOCK',
    etf: 'STOCK',
  },
  ...{ fund: 'STOCK', crypto: 'CRYPTO', kripto: 'CRYPTO', real: 'REAL', property: 'REAL', properti: 'REAL' },
  ...{ liability: 'LIABILITY', debt: 'LIABILITY', hutang: 'LIABILITY', utang: 'LIABILITY' },
}

function assetTypeOf(row: Row): AssetType | null {
  const told = row.text('assetType')
  if (told === null) return null
  const known = ASSET_TYPES[told.toLowerCase().replace(/[^a-z]/g, '')]
  if (!known) throw new Mistaken('assetType', `${quote(told)} is no kind of asset that is known`)
  return known
}

function symbolOf(row: Row, type: AssetType | null, currency: string): string | null {
  const symbol = row.text('symbol')?.toUpperCase().replace('/', '-') ?? null
  return symbol !== null && type === 'CRYPTO' && !symbol.includes('-') ? `${symbol}-${currency}` : symbol
}

const PAIR = /^[A-Z0-9]{1,15}-[A-Z]{3,5}$/
const MONEY: ReadonlySet<ActivityType> = new Set(['DEPOSIT', 'WITHDRAWAL', 'INTEREST', 'FEE', 'TAX'])

function typeBy(symbol: string | null, type: ActivityType): AssetType {
  if (symbol !== null) return PAIR.test(symbol) ? 'CRYPTO' : 'STOCK'
  if (type === 'DEPOSIT' || type === 'WITHDRAWAL') return 'CASH'
  throw new Mistaken('asset', 'is none of yours, and without a symbol or an assetType it cannot be made')
}
