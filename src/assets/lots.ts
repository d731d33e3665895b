import { divideHalfEven, type Fixed } from '../lib/decimal.js'

/**
 * What was bought together, and what is left of it. Quantities are signed: of what was sold short, and of what
 * is owed, quantity, cost and investment are negative. Lots of one position have the same sign, always. What
 * closes a part of a lot takes its share of each amount, rounded half to even; the lot keeps the exact rest, so
 * that nothing is lost between the two.
 */
export interface Lot {
  /** Of the purchase; of a pool the first one. */
  readonly date: string
  readonly quantity: Fixed
  /** In the asset's currency, fees of the purchase included. */
  readonly cost: Fixed
  /** The same without fees. */
  readonly investment: Fixed
  /** `cost` and `investment` in the base currency, at the rate of the purchase, at scale 36; null without a rate. */
  readonly baseCost: bigint | null
  readonly baseInvestment: bigint | null
  /** Asset's currency -> base currency at the purchase; null when it is not known. */
  readonly rate: Fixed | null
}

/** First in, first out; or all in one pool, of which a sale takes its share of the cost (average cost). */
export type LotMethod = 'fifo' | 'average'

/** The lots of one position in the order in which they are closed. */
export class LotQueue {
  readonly #method: LotMethod
  #lots: Lot[]
  /** Lots before this place are closed; they are cut off now and then, not one by one. */
  #first = 0
  #quantity: Fixed

  constructor(method: LotMethod, lots: readonly Lot[] = []) {
    this.#method = method
    this.#lots = [...lots]
    this.#quantity = lots.reduce((sum, { quantity }) => sum + quantity, 0n)
  }

  get quantity(): Fixed {
    return this.#quantity
  }

  get lots(): readonly Lot[] {
    return this.#lots.slice(this.#first)
  }

  get count(): number {
    return this.#lots.length - this.#first
  }

  /** Adds a purchase; its quantity has the sign of what is held. */
  open(lot: Lot): void {
    const pool = this.#lots[this.#first]
    if (this.#method === 'average' && pool) this.#lots[this.#first] = merge(pool, lot)
    else this.#lots.push(lot)
    this.#quantity += lot.quantity
  }

  /** Takes this much (signed like what is held, and no more than that) out of the lots that come first. */
  close(quantity: Fixed): readonly Lot[] {
    const closed: Lot[] = []
    let rest = quantity
    while (rest !== 0n) {
      const lot = this.#lots[this.#first]
      if (!lot) throw new RangeError('more would be closed than is open')
      const part = abs(lot.quantity) > abs(rest) ? share(lot, rest) : lot
      if (part === lot) this.#first += 1
      else this.#lots[this.#first] = less(lot, part)
      closed.push(part)
      rest -= part.quantity
    }
    this.#quantity -= quantity
    // A split may have rounded a lot down to no unit at all: what it cost goes with the last unit.
    if (this.#quantity === 0n && quantity !== 0n) {
      closed.push(...this.lots)
      this.#first = this.#lots.length
    }
    if (this.#first > 64 && this.#first * 2 > this.#lots.length) {
      this.#lots = this.#lots.slice(this.#first)
      this.#first = 0
    }
    return closed
  }

  /** All quantities times new / old; costs stay. */
  split(ratio: Ratio): void {
    this.#lots = scaled(this.lots, (quantity) => times(quantity, ratio))
    this.#first = 0
    this.#quantity = times(this.#quantity, ratio)
  }
}

/**
 * The lots with other quantities, of which `scale` tells the sum: each is what the sum grows by at its place, so
 * that all of them together are exact and none changes its sign.
 */
export function scaled(lots: readonly Lot[], scale: (sum: Fixed) => Fixed): Lot[] {
  let [before, after] = [0n, 0n]
  return lots.map((lot) => {
    before += lot.quantity
    const sum = scale(before)
    const quantity = sum - after
    after = sum
    return { ...lot, quantity }
  })
}

/** New units for old ones, e.g. 3 for 2. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

function times(quantity: Fixed, { numerator, denominator }: Ratio): Fixed {
  return divideHalfEven(quantity * numerator, denominator)
}

function share(lot: Lot, quantity: Fixed): Lot {
  const part = (amount: bigint): bigint => divideHalfEven(amount * quantity, lot.quantity)
  return {
    date: lot.date,
    quantity,
    cost: part(lot.cost),
    investment: part(lot.investment),
    baseCost: lot.baseCost === null ? null : part(lot.baseCost),
    baseInvestment: lot.baseInvestment === null ? null : part(lot.baseInvestment),
    rate: lot.rate,
  }
}

function less(lot: Lot, part: Lot): Lot {
  return {
    ...lot,
    quantity: lot.quantity - part.quantity,
    cost: lot.cost - part.cost,
    investment: lot.investment - part.investment,
    baseCost: minus(lot.baseCost, part.baseCost),
    baseInvestment: minus(lot.baseInvestment, part.baseInvestment),
  }
}

/** The rate of a pool is the one that its cost came at, all told. */
function merge(pool: Lot, lot: Lot): Lot {
  const cost = pool.cost + lot.cost
  const baseCost = plus(pool.baseCost, lot.baseCost)
  return {
    date: pool.date,
    quantity: pool.quantity + lot.quantity,
    cost,
    investment: pool.investment + lot.investment,
    baseCost,
    baseInvestment: plus(pool.baseInvestment, lot.baseInvestment),
    rate: baseCost === null ? null : cost === 0n ? lot.rate : divideHalfEven(baseCost, cost),
  }
}

function plus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a + b
}

function minus(a: bigint | null, b: bigint | null): bigint | null {
  return a === null || b === null ? null : a - b
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
