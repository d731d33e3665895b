import { divideHalfEven, type Fixed, multiplyFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { ActivityType, AssetType } from '../protocol/resources.js'

/**
 * What an asset's activities add up to. The state after a list of activities depends on their dates and order of
 * entry alone, so an activity that is inserted, changed or removed later gives the same state as if all had been
 * entered in order. Cost is by average cost: a sale takes its share of the cost of all that is held.
 */
export interface Entry {
  readonly type: ActivityType
  readonly quantity: Fixed | null
  readonly unitPrice: Fixed | null
  readonly amount: Fixed | null
  readonly fee: Fixed
  readonly tax: Fixed
}

export interface Held {
  readonly quantity: Fixed
  /** Of what is held, fees of purchases included. */
  readonly cost: Fixed
  /** The same without fees. */
  readonly investment: Fixed
}

const NOTHING_HELD: Held = { quantity: 0n, cost: 0n, investment: 0n }

/** The state after these activities, which come in order. Throws AppError `invalid` / `oversold`. */
export function fold(type: AssetType, entries: readonly Entry[], shortAllowed: boolean): Held {
  return entries.reduce((held, entry) => apply(type, held, entry, shortAllowed), NOTHING_HELD)
}

/** The state after one more activity. */
function apply(type: AssetType, held: Held, entry: Entry, shortAllowed: boolean): Held {
  if (type === 'CASH' || type === 'LIABILITY') return applyToBalance(type, held, entry)
  const quantity = entry.quantity ?? 0n
  switch (entry.type) {
    case 'BUY':
    case 'TRANSFER_IN': {
      const price = cashOf(entry)
      return {
        quantity: held.quantity + quantity,
        cost: held.cost + price + entry.fee,
        investment: held.investment + price,
      }
    }
    case 'SELL':
    case 'TRANSFER_OUT':
      if (quantity > held.quantity && !shortAllowed) {
        throw new AppError('invalid', 'oversold', 'More would be given away than was held on that day.', {
          errors: [{ pointer: '/quantity', detail: 'is more than was held on that day' }],
        })
      }
      return shareOf(held, held.quantity - quantity)
    case 'ADJUSTMENT':
      return shareOf(held, quantity)
    default:
      return held
  }
}

/** Cash moved by an entry: its amount, or quantity x unit price rounded half to even at the 18th digit. */
export function cashOf(entry: Entry): Fixed {
  if (entry.amount !== null) return entry.amount
  if (entry.quantity === null || entry.unitPrice === null) return 0n
  return multiplyFixed(entry.quantity, entry.unitPrice)
}

/** A smaller quantity keeps its share of the cost; a larger one, counted and not bought, costs no more. */
function shareOf(held: Held, quantity: Fixed): Held {
  if (quantity <= 0n) return { ...NOTHING_HELD, quantity }
  if (quantity >= held.quantity) return { ...held, quantity }
  return {
    quantity,
    cost: divideHalfEven(held.cost * quantity, held.quantity),
    investment: divideHalfEven(held.investment * quantity, held.quantity),
  }
}

/**
 * Cash and debts are accounts. Of a debt the quantity is what is owed, so that a payment into it
 * lowers it and a withdrawal, a fee or charged interest raises it. Their cost is their balance; they have no gain.
 */
function applyToBalance(type: AssetType, held: Held, entry: Entry): Held {
  const amount = entry.amount ?? entry.quantity ?? 0n
  const debt = type === 'LIABILITY'
  const charged = debt && entry.type === 'INTEREST'
  const move = (charged ? -amount : amount * BALANCE_SIGN[entry.type]) - entry.fee - entry.tax
  const quantity = entry.type === 'ADJUSTMENT' ? amount : held.quantity + (debt ? -move : move)
  return { quantity, cost: quantity, investment: quantity }
}

const BALANCE_SIGN: Readonly<Record<ActivityType, bigint>> = {
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
