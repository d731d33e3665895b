import { setImmediate as turn } from 'node:timers/promises'
import type { Tx } from '../database/database.js'
import { toDateText } from '../database/values.js'
import { minorDigits } from '../lib/currency.js'
import { divideFixed, FIXED_SCALE, type Fixed, ONE, powerOfTen, rescale } from '../lib/decimal.js'
import type { DatedRates } from '../prices/dated.js'
import type { ActivityType, AssetType } from '../protocol/resources.js'
import { type Entry, isAccount } from './ledger.js'

/**
 * An activity as it is stored, in the form in which many are read: the whole answer is one text, which is a
 * hundred times less work for the database client than as many rows.
 */
export interface LedgerRow extends Omit<Entry, 'exchange' | 'baseRate'> {
  /** Of unitPrice, amount, fee and tax. */
  readonly currency: string
  readonly assetCurrency: string
  /** Whether the asset is an account, of cash or of a debt. */
  readonly ofAccount: boolean
  /** Units of `rateCurrency` for one unit of `currency`. */
  readonly rate: Fixed | null
  readonly rateCurrency: string | null
}

export interface LedgerAsk {
  /** The last date. */
  readonly to: string
  /** All of the user's unless told. */
  readonly assetIds?: readonly string[]
}

/** Everything below works inside the transaction of one user (Database.asUser). */
export const ledgerStore = {
  /** Activities in the order in which they count: by date, then as they were entered. */
  async entries(tx: Tx, userId: string, { to, assetIds }: LedgerAsk): Promise<readonly LedgerRow[]> {
    const assets = await ownersOf(tx, userId, assetIds ?? null)
    return read(
      tx,
      assets,
      [...assets.keys()].map(() => FIRST),
      to,
    )
  },

  /** The same of some assets, which the system may ask for of several users, of each what comes after a date. */
  async entriesAfter(
    tx: Tx,
    assets: ReadonlyMap<string, OwnedAsset>,
    dates: ReadonlyMap<string, string>,
  ): Promise<readonly LedgerRow[]> {
    const owners = new Map([...assets].map(([id, asset]) => [id, ownerOf({ id, ...asset })]))
    const after = [...owners.keys()].map((id) => dates.get(id) ?? FIRST)
    return read(tx, owners, after, LAST)
  },
}

interface OwnedAsset {
  readonly userId: string
  readonly type: AssetType
  readonly currency: string
}

type Owner = Pick<LedgerRow, 'assetId' | 'assetCurrency' | 'ofAccount'> & { readonly userId: string }

/** Before and after every date that there is. */
export const FIRST = '0001-01-01'
const LAST = '9999-12-31'

async function ownersOf(
  tx: Tx,
  userId: string,
  ids: readonly string[] | null,
): Promise<ReadonlyMap<string, Owner>> {
  const rows = await tx.asset.findMany({
    where: { userId, ...(ids === null ? {} : { id: { in: [...ids] } }) },
    select: { id: true, userId: true, currency: true, type: true },
  })
  return new Map(rows.map((row) => [row.id, ownerOf(row)]))
}

function ownerOf({ id, userId, currency, type }: OwnedAsset & { readonly id: string }): Owner {
  return { userId, assetId: id, assetCurrency: currency, ofAccount: isAccount(type) }
}

/** `after` tells of each asset the date before the first one. */
async function read(
  tx: Tx,
  assets: ReadonlyMap<string, Owner>,
  after: readonly string[],
  to: string,
): Promise<readonly LedgerRow[]> {
  if (assets.size === 0) return []
  const ids = [...assets.keys()]
  const users = [...assets.values()].map(({ userId }) => userId)
  const [row] = await tx.$queryRaw<[{ text: string | null }]>`
    SELECT string_agg(line::text, ';') AS text FROM (
      SELECT (place, id, type, date - '1970-01-01', trim_scale(quantity), trim_scale(unit_price), trim_scale(amount),
        nullif(trim_scale(fee), 0), nullif(trim_scale(tax), 0), currency, trim_scale(rate), rate_currency,
        split_numerator, split_denominator, cause_id) AS line
      FROM unnest(${users}::uuid[], ${ids}::uuid[], ${[...after]}::date[])
        WITH ORDINALITY AS asked (owner, asset, after, place)
      JOIN activities ON user_id = owner AND asset_id = asset AND date > after AND date <= ${to}::date
      ORDER BY date, sequence
    ) AS ordered`
  return row.text === null ? [] : parse(row.text, [...assets.values()])
}

const CELLS = 15
const TURN_EVERY = 1_000

/** Reads `(1,018f...,BUY,19800,...);(...)`, where nothing stands for null; cell by cell, which takes half as long. */
async function parse(text: string, owners: readonly Owner[]): Promise<readonly LedgerRow[]> {
  const rows: LedgerRow[] = []
  const dates = new Map<string, string>()
  const cells: string[] = new Array(CELLS).fill('')
  for (let at = 1; at < text.length; at += 2) {
    for (let place = 0; place < CELLS; place += 1) {
      const end = text.indexOf(place === CELLS - 1 ? ')' : ',', at)
      cells[place] = text.slice(at, end)
      at = end + 1
    }
    rows.push(rowOf(cells, owners, dates))
    // Thousands of them take a while, in which nobody else would have a turn.
    if (rows.length % TURN_EVERY === 0) await turn()
  }
  return rows
}

/** `dates` keeps what was read of them. */
function rowOf(cells: readonly string[], owners: readonly Owner[], dates: Map<string, string>): LedgerRow {
  const cell = (place: number): string => cells[place] ?? ''
  const owner = owners[Number(cell(0)) - 1]
  if (!owner) throw new Error('an activity of no asset')
  const day = cell(3)
  let date = dates.get(day)
  if (date === undefined) {
    date = toDateText(new Date(Number(day) * DAY_MS))
    dates.set(day, date)
  }
  return {
    id: cell(1),
    assetId: owner.assetId,
    type: cell(2) as ActivityType,
    date,
    quantity: fixed(cell(4)),
    unitPrice: fixed(cell(5)),
    amount: fixed(cell(6)),
    fee: fixed(cell(7)) ?? 0n,
    tax: fixed(cell(8)) ?? 0n,
    currency: cell(9),
    assetCurrency: owner.assetCurrency,
    ofAccount: owner.ofAccount,
    rate: fixed(cell(10)),
    rateCurrency: cell(11) === '' ? null : cell(11),
    ratio: cell(12) === '' ? null : { numerator: BigInt(cell(12)), denominator: BigInt(cell(13)) },
    causeId: cell(14) === '' ? null : cell(14),
  }
}

const DAY_MS = 86_400_000
/** A number of so many characters is exact as a double, which is read faster than a bigint. */
const SHORT = 15

/** The scaled integer of a decimal as the database writes it. */
function fixed(text: string): Fixed | null {
  if (text === '') return null
  const point = text.indexOf('.')
  const digits = point === -1 ? text : text.slice(0, point) + text.slice(point + 1)
  const decimals = point === -1 ? 0 : text.length - point - 1
  const whole = text.length <= SHORT ? BigInt(Number(digits)) : BigInt(digits)
  return whole * powerOfTen(FIXED_SCALE - decimals)
}

/**
 * The row as it is reckoned with, in the asset's currency and in this base currency. What comes into an account in
 * another currency comes in as money: it is rounded half to even to the account's minor unit.
 */
export function toEntry(row: LedgerRow, { dated, base }: { dated: DatedRates; base: string }): Entry {
  const exchange = exchangeOf(row)
  return {
    id: row.id,
    assetId: row.assetId,
    type: row.type,
    date: row.date,
    quantity: row.quantity,
    unitPrice: row.unitPrice,
    ...(row.ofAccount && exchange !== null
      ? moneyOf(row, exchange)
      : { amount: row.amount, fee: row.fee, tax: row.tax, exchange }),
    ratio: row.ratio,
    causeId: row.causeId,
    baseRate: baseRateOf(row, exchange, dated, base),
  }
}

function moneyOf(row: LedgerRow, exchange: Fixed) {
  const digits = minorDigits(row.assetCurrency)
  const money = (amount: Fixed): Fixed =>
    rescale(rescale(amount * exchange, 2 * FIXED_SCALE, digits), digits, FIXED_SCALE)
  return {
    amount: row.amount === null ? null : money(row.amount),
    fee: money(row.fee),
    tax: money(row.tax),
    exchange: null,
  }
}

function exchangeOf({ id, currency, assetCurrency, rate }: LedgerRow): Fixed | null {
  if (currency === assetCurrency) return null
  if (rate === null) throw new Error(`activity ${id} is in another currency and has no rate`)
  return rate
}

/** What was told goes before what is known of the date; what was paid in the base currency is worth just that. */
function baseRateOf(row: LedgerRow, exchange: Fixed | null, dated: DatedRates, base: string): Fixed | null {
  if (row.assetCurrency === base) return ONE
  if (exchange === null && row.rate !== null && row.rateCurrency === base) return row.rate
  if (exchange !== null && row.currency === base) return divideFixed(ONE, exchange)
  return dated.rate(row.assetCurrency, base, row.date)
}
