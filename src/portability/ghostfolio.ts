import { readActivity } from '../assets/entries.js'
import { isAccount } from '../assets/ledger.js'
import { type NewAsset, newActivity } from '../assets/schema.js'
import { isCurrency } from '../lib/currency.js'
import { formatFixed, multiplyFixed, parseFixed, plainDecimal } from '../lib/decimal.js'
import type { AssetType } from '../protocol/resources.js'
import { activityKey, type Candidate, enter } from './candidates.js'
import type { Known, KnownAsset, Stored } from './known.js'
import { checked, Mistaken, names, shaped } from './names.js'
import type { Draft } from './plan.js'
import {
  type GhostfolioAccount,
  type GhostfolioActivity,
  type GhostfolioProfile,
  ghostfolio as shapes,
} from './schema.js'

/**
 * Ghostfolio's export (its `ExportResponse`: accounts with balances, activities, assetProfiles with marketData).
 * An asset is a symbol within an account; the account itself is one of cash, whose balances are told apart from
 * the activities, so that no trade moves it. What is of no listed thing (fees, interest) belongs to its account.
 */
export async function readGhostfolio(
  file: unknown,
  known: Known,
  stored: Stored,
  draft: Draft,
): Promise<void> {
  const { accounts, assetProfiles, activities, meta } = (file ?? {}) as Record<string, unknown>
  if (!Array.isArray(activities)) throw new Mistaken(null, 'is no export of Ghostfolio: it has no activities')
  const resolve = names(draft, known, { aside: false })
  const profiles = listOf(assetProfiles, shapes.assetProfile, 'assetProfiles', draft)
  const profileOf = new Map(profiles.map((one) => [`${one.dataSource} ${one.symbol}`, one]))
  const owners = new Map(listOf(accounts, shapes.account, 'accounts', draft).map((one) => [one.id, one]))
  const cash = new Map<string, KnownAsset>()
  const priced = new Set<string>()
  const candidates: Candidate[] = []
  const written = new Map<string, { short: boolean; moves: Move[] }>()

  function cashOf(row: number, accountId: string | null, currency: string): KnownAsset {
    const owner = accountId === null ? undefined : owners.get(accountId)
    const key = owner ? owner.id : currency
    const found = cash.get(key)
    if (found) return found
    const own = owner?.currency ? currencyOf(owner.currency) : currency
    const made = resolve.account(row, nameOf(owner?.name ?? null, `Ghostfolio ${own}`), own)
    cash.set(key, made)
    return made
  }

  function assetOf(row: number, activity: GhostfolioActivity): KnownAsset {
    const { accountId, dataSource, symbol, type } = activity
    const profile = profileOf.get(`${dataSource} ${symbol}`)
    const currency = currencyOf(profile?.currency ?? activity.currency ?? known.baseCurrency)
    const account = accountId === null ? null : (owners.get(accountId)?.name ?? null)
    if (OF_ACCOUNTS.has(type) && dataSource === 'MANUAL') return cashOf(row, accountId, currency)
    const input = newAssetOf(activity, profile, currency, account)
    const read = { name: input.name ?? null, symbol: input.symbol ?? null }
    return resolve.find(read) ?? resolve.make(row, input)
  }

  function add(row: number, asset: KnownAsset, input: object): void {
    const activity = shaped(newActivity, input)
    const values = checked(() => readActivity(asset, activity, known.today))
    draft.count('activities')
    candidates.push({
      row,
      date: activity.date,
      key: activityKey({ ...values, assetId: asset.id }),
      of: { assetId: asset.id },
      step: () => ({
        ...({ what: 'activity', row, assetId: asset.id, input: activity } as const),
        ...draft.seat(),
        follower: draft.seat(),
      }),
    })
  }

  for (const [index, item] of activities.entries()) {
    await attempt(index + 1, draft, () => {
      const row = index + 1
      const activity = shaped(shapes.activity, item)
      const date = dateOf(activity.date)
      if (date > known.today) throw new Mistaken('date', 'lies in the future: it is a draft')
      const asset = assetOf(row, activity)
      add(row, asset, { date, ...inputOf(activity, asset) })
      if (isAccount(asset.type)) return
      const position = written.get(asset.id) ?? { short: false, moves: [] }
      written.set(asset.id, position)
      position.moves.push({ date, quantity: signed(activity) })
      if (activity.dataSource === 'MANUAL')
        priceOf(
          profileOf.get(`MANUAL ${activity.symbol}`),
          asset,
          date,
          activity.unitPrice,
          row,
          draft,
          priced,
        )
    })
  }
  const exported = dayOf(meta, known)
  let row = activities.length
  for (const owner of owners.values()) {
    row += 1
    await attempt(row, draft, () => {
      const account = cashOf(row, owner.id, currencyOf(owner.currency ?? known.baseCurrency))
      for (const { date, value } of balancesOf(owner, exported))
        add(row, account, { type: 'ADJUSTMENT', date, amount: value })
    })
  }
  for (const [key, account] of cash) {
    // What Ghostfolio knows no account of has no balance there either.
    if (!owners.has(key)) add(row, account, { type: 'ADJUSTMENT', date: exported, amount: '0' })
  }
  allowShort(draft, written)
  await enter(draft, candidates, stored)
}

interface Move {
  readonly date: string
  readonly quantity: bigint
}

/** What was sold before it was bought is known to Ghostfolio as a short position. */
function allowShort(draft: Draft, written: ReadonlyMap<string, { readonly moves: readonly Move[] }>): void {
  for (const [index, step] of draft.steps.entries()) {
    if (step.what !== 'asset') continue
    const moves = [...(written.get(step.id)?.moves ?? [])].sort((a, b) => (a.date < b.date ? -1 : 1))
    let held = 0n
    const short = moves.some(({ quantity }) => {
      held += quantity
      return held < 0n
    })
    if (short) draft.steps[index] = { ...step, asset: { ...step.asset, shortAllowed: true } }
  }
}

function signed({ type, quantity }: GhostfolioActivity): bigint {
  const amount = parseFixed(decimalOf(quantity, 'quantity'))
  return type === 'SELL' ? -amount : type === 'BUY' || type === 'ITEM' ? amount : 0n
}

/** Types that may be of an account itself. */
const OF_ACCOUNTS = new Set(['FEE', 'INTEREST'])

/** Fields of our activity that tell the same. */
function inputOf(activity: GhostfolioActivity, asset: KnownAsset): object {
  const { type, comment } = activity
  const [quantity, unitPrice, fee] = (['quantity', 'unitPrice', 'fee'] as const).map((field) =>
    decimalOf(activity[field], field),
  ) as [string, string, string]
  const value = formatFixed(multiplyFixed(parseFixed(quantity), parseFixed(unitPrice)))
  const currency = currencyOf(activity.currency ?? asset.currency)
  const about = { currency, ...(comment === null || comment === '' ? {} : { note: comment.slice(0, 500) }) }
  switch (type) {
    case 'BUY':
    case 'SELL':
      return { type, quantity, unitPrice, fee, ...about }
    case 'ITEM':
      return { type: 'BUY', quantity, unitPrice, fee, ...about }
    case 'DIVIDEND':
    case 'INTEREST':
      return { type, amount: value, fee, ...about }
    case 'FEE':
      // Its amount stands in `fee`; some files have it as a price.
      return { type, amount: parseFixed(fee) > 0n ? fee : value, ...about }
    case 'LIABILITY':
      return { type: 'WITHDRAWAL', amount: value, fee, ...about }
    default:
      throw new Mistaken('type', `${type.slice(0, 40)} cannot be taken over`)
  }
}

function newAssetOf(
  activity: GhostfolioActivity,
  profile: GhostfolioProfile | undefined,
  currency: string,
  account: string | null,
): NewAsset {
  const { dataSource, symbol, type } = activity
  const manual = dataSource === 'MANUAL' || type === 'ITEM' || type === 'LIABILITY'
  const called = profile?.name ?? symbol
  const name = nameOf(account === null ? called : `${called} · ${account}`, symbol)
  if (type === 'LIABILITY') return { type: 'LIABILITY', name, currency }
  if (manual) return { type: typeOf(profile) ?? 'REAL', name, currency, pricing: 'MANUAL' }
  const coin = dataSource === 'COINGECKO' ? COINS[symbol] : undefined
  if (dataSource === 'COINGECKO' && coin === undefined)
    throw new Mistaken('symbol', `${symbol.slice(0, 60)} of CoinGecko is no coin that is known by that name`)
  const pair = coin === undefined ? pairOf(symbol, currency, profile) : `${coin}-${currency}`
  if (pair !== null) return { type: 'CRYPTO', name, symbol: pair }
  return { type: 'STOCK', name, symbol: symbol.toUpperCase(), currency }
}

/** The most usual coins, as CoinGecko calls them. */
const COINS: Readonly<Record<string, string>> = {
  ...{ bitcoin: 'BTC', ethereum: 'ETH', tether: 'USDT', binancecoin: 'BNB', solana: 'SOL', ripple: 'XRP' },
  ...{
    'usd-coin': 'USDC',
    cardano: 'ADA',
    dogecoin: 'DOGE',
    polkadot: 'DOT',
    litecoin: 'LTC',
    chainlink: 'LINK',
  },
  ...{
    tron: 'TRX',
    stellar: 'XLM',
    'avalanche-2': 'AVAX',
    'bitcoin-cash': 'BCH',
    uniswap: 'UNI',
    cosmos: 'ATOM',
  },
}

/** `BTCUSD` -> `BTC-USD`; null for a share. Tickers of shares have five letters at most. */
function pairOf(symbol: string, currency: string, profile: GhostfolioProfile | undefined): string | null {
  const text = symbol.toUpperCase()
  const dashed = /^([A-Z0-9]{1,15})-([A-Z]{3,5})$/.exec(text)
  if (dashed) return isCurrency(dashed[2] ?? '') ? text : null
  if (!/^[A-Z0-9]+$/.test(text) || !text.endsWith(currency)) return null
  const base = text.slice(0, -currency.length)
  const isCoin = profile?.assetSubClass === 'CRYPTOCURRENCY'
  const mayBe = profile?.assetSubClass === null || profile?.assetSubClass === undefined
  return base !== '' && (isCoin || (mayBe && text.length >= 6)) ? `${base}-${currency}` : null
}

function typeOf(profile: GhostfolioProfile | undefined): AssetType | null {
  if (profile?.assetSubClass === 'CRYPTOCURRENCY') return 'CRYPTO'
  if (profile?.assetClass === 'EQUITY' || profile?.assetClass === 'FIXED_INCOME') return 'STOCK'
  return null
}

/** What Ghostfolio values it by: its own prices, otherwise what was paid. */
function priceOf(
  profile: GhostfolioProfile | undefined,
  asset: KnownAsset,
  date: string,
  paid: string,
  row: number,
  draft: Draft,
  priced: Set<string>,
): void {
  const told = profile?.marketData ?? []
  const prices = told.length > 0 ? told : [{ date, marketPrice: paid }]
  for (const one of prices) {
    const unitPrice = plainDecimal(one.marketPrice)
    if (unitPrice === null || unitPrice.startsWith('-') || unitPrice === '0') continue
    const day = dateOf(one.date)
    if (priced.has(`${asset.id} ${day}`)) continue
    priced.add(`${asset.id} ${day}`)
    draft.steps.push({ what: 'price', row, aside: true, assetId: asset.id, date: day, unitPrice })
    draft.count('prices')
  }
}

/** Balances by date, and the one of now at the end, so that it stands whatever was booked before. */
function balancesOf(
  { balance, balances }: GhostfolioAccount,
  exported: string,
): readonly { date: string; value: string }[] {
  const byDate = new Map(balances.map(({ date, value }) => [dateOf(date), decimalOf(value, 'balances')]))
  if (balance !== null) byDate.set(exported, decimalOf(balance, 'balance'))
  const found = [...byDate].filter(([date]) => date <= exported).sort(([a], [b]) => (a < b ? -1 : 1))
  return found.map(([date, value]) => ({ date, value }))
}

/** The day of the export, or now. */
function dayOf(meta: unknown, { today }: Known): string {
  const date = String((meta as { date?: unknown } | undefined)?.date ?? '').slice(0, 10)
  return /^\d{4}-\d\d-\d\d$/.test(date) && date <= today ? date : today
}

function listOf<T>(items: unknown, shape: Parameters<typeof shaped<T>>[0], field: string, draft: Draft): T[] {
  if (!Array.isArray(items)) return []
  return items.flatMap((item, index) => {
    try {
      return [shaped(shape, item)]
    } catch (error) {
      if (!(error instanceof Mistaken)) throw error
      draft.refuse(index + 1, [field, error.field].filter(Boolean).join('.'), error.message)
      return []
    }
  })
}

/** Tells what is wrong with a row, and goes on with the next one. */
async function attempt(row: number, draft: Draft, work: () => void): Promise<void> {
  if (row % 500 === 0) await new Promise((resolve) => setImmediate(resolve))
  try {
    work()
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    draft.refuse(row, error.field, error.message)
  }
}

function dateOf(instant: string): string {
  const date = instant.slice(0, 10)
  if (/^\d{4}-\d\d-\d\d$/.test(date)) return date
  throw new Mistaken('date', 'is no date')
}

function decimalOf(number: string, field: string): string {
  const plain = plainDecimal(number)
  if (plain === null) throw new Mistaken(field, 'is no number that can be kept')
  return plain
}

/** Ghostfolio writes pence as GBp. */
function currencyOf(code: string): string {
  const own = code === 'GBp' ? 'GBX' : code
  if (!isCurrency(own)) throw new Mistaken('currency', `${code.slice(0, 10)} is no currency that is known`)
  return own
}

function nameOf(name: string | null, unlessTold: string): string {
  return (name?.trim() || unlessTold).slice(0, 100)
}
