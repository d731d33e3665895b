import type { Goal, Valuation } from '../src/index.js'
import { compareDecimals, sumDecimals } from '../src/widgets/format.js'

/** How far a goal is. */
export interface GoalNow {
  readonly current: string | null
  /** A fraction with six digits. */
  readonly progress: string | null
  /** Never negative. */
  readonly remaining: string | null
}

const DIGITS = 6

/**
 * A goal as the live valuation has it. Where the valuation cannot tell, because only contributions count or the
 * goal is in another currency, it is as the server told it last.
 */
export function goalNow(goal: Goal, valuation: Valuation | null): GoalNow {
  const told = { current: goal.current, progress: goal.progress, remaining: goal.remaining }
  if (valuation === null || goal.basis === 'CONTRIBUTIONS' || goal.currency !== valuation.currency)
    return told
  const current = goal.basis === 'NET_WORTH' ? totalOf(valuation) : worthOf(goal.assetIds, valuation)
  if (current === null) return { current, progress: null, remaining: null }
  const left = sumDecimals([goal.target, negated(current)])
  return {
    current,
    progress: fraction(current, goal.target),
    remaining: compareDecimals(left, '0') < 0 ? '0' : left,
  }
}

/** Of the net worth what is priced counts; where nothing is, it is not known. */
function totalOf({ total, coverage: { holdings, priced } }: Valuation): string | null {
  return holdings > 0 && priced === 0 ? null : total
}

function worthOf(assetIds: readonly string[], { holdings }: Valuation): string | null {
  const values = holdings.filter(({ assetId }) => assetIds.includes(assetId)).map(({ value }) => value)
  return values.some((value) => value === null) ? null : sumDecimals(values.map((value) => value ?? '0'))
}

function negated(text: string): string {
  return text.startsWith('-') ? text.slice(1) : `-${text}`
}

/** part / whole, rounded down; whole is positive. */
function fraction(part: string, whole: string): string | null {
  const scale = Math.max(part.split('.')[1]?.length ?? 0, whole.split('.')[1]?.length ?? 0)
  const [x, y] = [scaled(part, scale), scaled(whole, scale)]
  if (y <= 0n) return null
  const quotient = (x * 10n ** BigInt(DIGITS)) / y
  const digits = (quotient < 0n ? -quotient : quotient).toString().padStart(DIGITS + 1, '0')
  return `${quotient < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`
}

function scaled(text: string, scale: number): bigint {
  const [whole = '0', digits = ''] = text.split('.')
  return BigInt(whole + digits.padEnd(scale, '0'))
}
