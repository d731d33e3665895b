import { divideHalfEven, type Fixed, multiplyFixed, ONE } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { ActivityType, AssetType } from '../protocol/resources.js'
import { type Lot, type LotMethod, LotQueue, type Ratio, scaled } from './lots.js'

/**
 * What activities do to what is owned. The state depends on their dates and order of entry alone, so an activity
 * that is inserted, changed or removed later gives the same state as if all had been entered in order. Accounts
 * (cash, debts) are positions whose unit costs 1 and which have no lots; a debt is a position below zero.
 */
export interface Entry {
  readonly id: string
  readonly assetId: string
  readonly type: ActivityType
  readonly date: string
  readonly quantity: Fixed | null
  readonly unitPrice: Fixed | null
  readonly amount: Fixed | null
  readonly fee: Fixed
  readonly tax: Fixed
  /** Asset's currency for one unit of the entry's; null where they are the same. */
  readonly exchange: Fixed | null
  readonly ratio: Ratio | null
  /** The TRANSFER_OUT of which this TRANSFER_IN takes over the lots, or the trade that this one settles. */
  readonly causeId: string | null
  /** Asset's currency -> base currency on the date; null when it is not known. */
  readonly baseRate: Fixed | null
}

/** What one entry did to its asset; amounts in the asset's currency, rounded half to even at the 18th digit. */
export interface Effect {
  readonly entry: Entry
  /** Change of the position; of a debt negative when more is owed. */
  readonly quantity: Fixed
  /** Purchases less sales at their own prices; of an account whatever moves its balance. */
  readonly flow: Fixed
  /** What it brings into the purse of whoever settles it, negative what it takes, fees and taxes included. */
  readonly cash: Fixed
  readonly fee: Fixed
  readonly tax: Fixed
  readonly dividend: Fixed
  readonly interest: Fixed
  /** What was closed, and for how much, fees taken off; of a transfer for what it had cost. */
  readonly proceeds: Fixed
  readonly closed: readonly Lot[]
}

export interface AssetRules {
  readonly type: AssetType
  readonly shortAllowed: boolean
}

/** Of what is held. Fees of purchases are in `cost` and not in `investment`; of a debt all are negative. */
export interface Held {
  readonly quantity: Fixed
  readonly cost: Fixed
  readonly investment: Fixed
  /** `cost` and `investment` in the base currency, at scale 36; null where the rate of a purchase is not known. */
  readonly baseCost: bigint | null
  readonly baseInvestment: bigint | null
}

export function isAccount(type: AssetType): boolean {
  return type === 'CASH' || type === 'LIABILITY'
}

/** The position of one asset. */
export class Position {
  readonly #rules: AssetRules
  readonly #queue: LotQueue

  constructor(rules: AssetRules, method: LotMethod, lots: readonly Lot[] = []) {
    this.#rules = rules
    this.#queue = new LotQueue(isAccount(rules.type) ? 'average' : method, lots)
  }

  get lots(): readonly Lot[] {
    return this.#queue.lots
  }

  get lotCount(): number {
    return this.#queue.count
  }

  get quantity(): Fixed {
    return this.#queue.quantity
  }

  get held(): Held {
    return heldOf(this.#queue.lots)
  }

  /**
   * Takes the entry up. `arriving` are the lots that its TRANSFER_OUT gave away, where it is the other half of
   * one. Throws AppError `invalid` / `oversold`.
   */
  apply(entry: Entry, arriving: readonly Lot[] | null = null): Effect {
    return isAccount(this.#rules.type) ? this.#applyToAccount(entry) : this.#applyToHolding(entry, arriving)
  }

  #applyToHolding(entry: Entry, arriving: readonly Lot[] | null): Effect {
    const { type } = entry
    const quantity = entry.quantity ?? 0n
    const amount = cashOf(entry)
    const [fee, tax] = [inAsset(entry, entry.fee), inAsset(entry, entry.tax)]
    const blank = blankEffect(entry, fee, tax)
    switch (type) {
      case 'BUY': {
        const moved = this.#trade(entry, quantity, amount, fee)
        return { ...blank, ...moved, flow: amount, cash: -(amount + fee + tax) }
      }
      case 'SELL': {
        if (quantity > this.#queue.quantity && !this.#rules.shortAllowed) throw oversold()
        const moved = this.#trade(entry, -quantity, -amount, fee)
        return { ...blank, ...moved, flow: -amount, cash: amount - fee - tax }
      }
      case 'TRANSFER_IN': {
        const lots = arriving ?? [lotOf(entry, quantity, amount, amount)]
        const { cost } = heldOf(lots)
        return { ...blank, ...this.#arrive(entry, lots), flow: cost, cash: -(fee + tax) }
      }
      case 'TRANSFER_OUT': {
        // Who sells short gives away what he borrows; nobody hands that on.
        if (quantity > this.#queue.quantity) throw oversold()
        const closed = this.#queue.close(quantity)
        const { cost } = heldOf(closed)
        return { ...blank, quantity: -quantity, flow: -cost, cash: -(fee + tax), proceeds: cost, closed }
      }
      case 'SPLIT': {
        const before = this.#queue.quantity
        if (entry.ratio) this.#queue.split(entry.ratio)
        return { ...blank, fee: 0n, tax: 0n, quantity: this.#queue.quantity - before }
      }
      case 'ADJUSTMENT':
        return { ...blank, ...this.#adjust(entry, quantity) }
      case 'DIVIDEND':
        return { ...blank, dividend: amount, cash: amount - fee - tax }
      case 'INTEREST':
        return { ...blank, interest: amount, cash: amount - fee - tax }
      case 'FEE':
        return { ...blank, fee: amount + fee, cash: -(amount + fee + tax) }
      case 'TAX':
        return { ...blank, tax: amount + tax, cash: -(amount + fee + tax) }
      default:
        return blank
    }
  }

  /**
   * A purchase (quantity and amount positive) or a sale (both negative). What stands against it is closed first,
   * the rest opens a lot: a fee belongs to both in the measure of their quantities.
   */
  #trade(entry: Entry, quantity: Fixed, amount: Fixed, fee: Fixed): Partial<Effect> & { quantity: Fixed } {
    const held = this.#queue.quantity
    const against = held !== 0n && held < 0n !== quantity < 0n
    const closing = against ? bounded(-quantity, held) : 0n
    const part = (value: Fixed): Fixed =>
      closing === 0n ? 0n : closing === -quantity ? value : divideHalfEven(value * -closing, quantity)
    const [closedAmount, closedFee] = [part(amount), part(fee)]
    const closed = closing === 0n ? [] : this.#queue.close(closing)
    const opened = quantity + closing
    if (opened !== 0n) {
      const investment = amount - closedAmount
      this.#queue.open(lotOf(entry, opened, investment + (fee - closedFee), investment))
    }
    return { quantity, closed, proceeds: -(closedAmount + closedFee) }
  }

  /** Lots that were bought elsewhere; they end what was sold short here before they are held. */
  #arrive(entry: Entry, lots: readonly Lot[]): Partial<Effect> & { quantity: Fixed } {
    let [quantity, proceeds] = [0n, 0n]
    const closed: Lot[] = []
    for (const lot of lots) {
      quantity += lot.quantity
      if (this.#queue.quantity >= 0n) this.#queue.open(lot)
      else {
        const moved = this.#trade(entry, lot.quantity, lot.cost, 0n)
        proceeds += moved.proceeds ?? 0n
        closed.push(...(moved.closed ?? []))
      }
    }
    return { quantity, proceeds, closed }
  }

  /** A smaller quantity gives its lots away for nothing; a larger one, counted and not bought, costs no more. */
  #adjust(entry: Entry, target: Fixed): Partial<Effect> & { quantity: Fixed } {
    const change = target - this.#queue.quantity
    if (change === 0n) return { quantity: 0n }
    return this.#trade(entry, change, 0n, 0n)
  }

  /**
   * Of a debt a payment into it raises the position towards zero; a withdrawal, a fee or charged interest lowers
   * it. Whatever moves the balance counts as flow, so that an account has no gain but that of its currency.
   */
  #applyToAccount(entry: Entry): Effect {
    const debt = this.#rules.type === 'LIABILITY'
    const amount = inAsset(entry, entry.amount ?? entry.quantity ?? 0n)
    const [fee, tax] = [inAsset(entry, entry.fee), inAsset(entry, entry.tax)]
    const charged = debt && entry.type === 'INTEREST'
    const adjusted = (debt ? -amount : amount) - this.#queue.quantity
    const move = entry.type === 'ADJUSTMENT' ? adjusted : charged ? -amount : amount * SIGN[entry.type]
    const quantity = entry.type === 'ADJUSTMENT' ? move : move - fee - tax
    const moved = this.#trade(entry, quantity, quantity, 0n)
    const paid = { DIVIDEND: 'dividend', INTEREST: 'interest', FEE: 'fee', TAX: 'tax' } as const
    const kind = paid[entry.type as keyof typeof paid]
    const blank = blankEffect(entry, fee, tax)
    return {
      ...blank,
      ...moved,
      flow: quantity,
      // A cost is told positive, charged interest is income below zero.
      ...(kind === undefined
        ? {}
        : { [kind]: blank[kind] + (kind === 'fee' || kind === 'tax' ? amount : move) }),
    }
  }
}

/** Cash moved by an entry, in the asset's currency: its amount, or quantity x unit price. */
export function cashOf(entry: Pick<Entry, 'amount' | 'quantity' | 'unitPrice' | 'exchange'>): Fixed {
  if (entry.amount !== null) return inAsset(entry, entry.amount)
  if (entry.quantity === null || entry.unitPrice === null) return 0n
  return inAsset(entry, multiplyFixed(entry.quantity, entry.unitPrice))
}

function oversold(): AppError {
  return new AppError('invalid', 'oversold', 'More would be given away than was held on that day.', {
    errors: [{ pointer: '/quantity', detail: 'is more than was held on that day' }],
  })
}

/** Sums of lots. */
function heldOf(lots: readonly Lot[]): Held {
  let [quantity, cost, investment] = [0n, 0n, 0n]
  let baseCost: bigint | null = 0n
  let baseInvestment: bigint | null = 0n
  for (const lot of lots) {
    quantity += lot.quantity
    cost += lot.cost
    investment += lot.investment
    baseCost = baseCost === null || lot.baseCost === null ? null : baseCost + lot.baseCost
    baseInvestment =
      baseInvestment === null || lot.baseInvestment === null ? null : baseInvestment + lot.baseInvestment
  }
  return { quantity, cost, investment, baseCost, baseInvestment }
}

function inAsset({ exchange }: Pick<Entry, 'exchange'>, amount: Fixed): Fixed {
  return exchange === null || amount === 0n ? amount : multiplyFixed(amount, exchange)
}

function lotOf({ date, baseRate }: Entry, quantity: Fixed, cost: Fixed, investment: Fixed): Lot {
  return {
    date,
    quantity,
    cost,
    investment,
    baseCost: baseRate === null ? null : cost * baseRate,
    baseInvestment: baseRate === null ? null : investment * baseRate,
    rate: baseRate,
  }
}

/** As much of `wanted` as is held, signed like what is held. */
function bounded(wanted: Fixed, held: Fixed): Fixed {
  if (held < 0n) return wanted < held ? held : wanted
  return wanted > held ? held : wanted
}

function blankEffect(entry: Entry, fee: Fixed, tax: Fixed): Effect {
  const nothing = { quantity: 0n, flow: 0n, cash: 0n, dividend: 0n, interest: 0n, proceeds: 0n }
  return { entry, ...nothing, fee, tax, closed: [] }
}

const SIGN: Readonly<Record<ActivityType, bigint>> = {
  BUY: -1n,
  SELL: 1n,
  DEPOSIT: 1n,
  WITHDRAWAL: -1n,
  TRANSFER_IN: 1n,
  TRANSFER_OUT: -1n,
  DIVIDEND: 1n,
  INTEREST: 1n,
  FEE: -1n,
  TAX: -1n,
  SPLIT: 0n,
  ADJUSTMENT: 0n,
}

/**
 * All entries of assets that hang together, in order: gives what each did. `positions` are where they begin, and
 * stand at the end; the lots of a TRANSFER_OUT wait for their TRANSFER_IN, and are worth the same there.
 */
export function* replay(
  positions: ReadonlyMap<string, Position>,
  entries: Iterable<Entry>,
): Generator<Effect, void> {
  const leaving = new Map<string, Effect>()
  for (const entry of entries) {
    const position = positions.get(entry.assetId)
    if (!position) continue
    const source =
      entry.type === 'TRANSFER_IN' && entry.causeId !== null ? leaving.get(entry.causeId) : undefined
    if (source) leaving.delete(source.entry.id)
    const effect = position.apply(entry, source ? arrivingFrom(source, entry) : null)
    // What leaves an account is an amount, which needs no lots to arrive.
    if (entry.type === 'TRANSFER_OUT' && entry.quantity !== null) leaving.set(entry.id, effect)
    yield effect
  }
}

/** The lots as they arrive: as many units as the entry says, their cost in the currency of where they arrive. */
function arrivingFrom({ closed, entry: out }: Effect, entry: Entry): readonly Lot[] {
  const given = out.quantity ?? 0n
  const taken = entry.quantity ?? given
  const lots = given === taken ? closed : scaled(closed, (sum) => divideHalfEven(sum * taken, given))
  if (entry.exchange === null) return lots
  const { exchange } = entry
  return lots.map((lot) => ({
    ...lot,
    cost: inAsset(entry, lot.cost),
    investment: inAsset(entry, lot.investment),
    rate: lot.rate === null ? null : divideHalfEven(lot.rate * ONE, exchange),
  }))
}
