import type { BudgetStanding } from '../cashflow/budgets.js'
import { type Fixed, ONE, parseFixed } from '../lib/decimal.js'
import type { Direction } from '../protocol/alerts.js'
import type { Holding, Valuation } from '../protocol/resources.js'
import { ratioOf } from './ratio.js'
import type { AlertRule } from './rule.js'

/** The price of a symbol that stands now. */
export interface QuoteNow {
  readonly amount: Fixed
  /** Rises with every quote of the symbol. */
  readonly version: number
}

/** What is known when it is asked how alerts of one user stand; one of each for any number of alerts. */
export interface Facts {
  readonly quote: (symbol: string) => QuoteNow | undefined
  /** Null where no alert needs it. */
  readonly valuation: Valuation | null
  readonly budgets: ReadonlyMap<string, BudgetStanding>
}

const PERCENT = 100n

/** The price that an alert watches, or the ratio of two; null while one is not known. */
export function priceNow({ symbol, per }: AlertRule, { quote }: Facts): QuoteNow | null {
  const first = symbol === null ? undefined : quote(symbol)
  if (first === undefined || per === null) return first ?? null
  const second = quote(per)
  return second === undefined ? null : ratioOf(first, second)
}

/** The total as it is told; null where of all that is held nothing has a price. */
export function totalNow({ valuation }: Facts): string | null {
  if (valuation === null) return null
  const held = valuation.holdings.filter(isHeld).length
  return held > 0 && leftOut(valuation).length === held ? null : valuation.total
}

/** Ids of what is held and has no price, or no rate. */
export function leftOut({ coverage, holdings }: Valuation): readonly string[] {
  if (coverage.unpriced.length === 0) return []
  const held = new Set(holdings.filter(isHeld).map(({ assetId }) => assetId))
  return coverage.unpriced.map(({ assetId }) => assetId).filter((assetId) => held.has(assetId))
}

function isHeld({ quantity }: Holding): boolean {
  return parseFixed(quantity) !== 0n
}

/**
 * Whether a condition holds already, on the same side of the same edge at which it would fire. Null where that is
 * not known, and of a condition that is an event and no state: to cross, to move, a new high. `isReached` is of
 * the alert's goal.
 */
export function holds(rule: AlertRule, facts: Facts, isReached: boolean | null): boolean | null {
  if (rule.kind === 'PRICE') return compare(rule, priceNow(rule, facts)?.amount ?? null)
  if (rule.kind === 'GOAL') return rule.events.includes('reached') ? isReached : null
  if (rule.kind === 'BUDGET') {
    const passed = passedOf(rule, facts)
    return passed && passed.percents.length > 0
  }
  const { valuation } = facts
  if (valuation === null) return null
  if (rule.condition === 'dayChange') return dayMoved(rule, valuation.dayChange?.percent ?? null)
  if (rule.condition === 'share') return isShare(rule, valuation)
  const total = valuation.currency === rule.currency ? totalNow(facts) : null
  return compare(rule, total === null ? null : parseFixed(total))
}

/** The percentages of a budget that are behind what was spent, and the month; null where that is not known. */
export function passedOf(
  { budgetId, percents }: AlertRule,
  { budgets }: Facts,
): { readonly month: string; readonly percents: readonly number[] } | null {
  const standing = budgets.get(budgetId ?? '')
  if (!standing || standing.spent === null) return null
  const { month, spent, limit } = standing
  return { month, percents: percents.filter((percent) => spent * PERCENT >= limit * BigInt(percent)) }
}

function compare({ condition, threshold }: AlertRule, value: Fixed | null): boolean | null {
  if (value === null || threshold === null) return null
  if (condition === 'above') return value >= parseFixed(threshold)
  return condition === 'below' ? value <= parseFixed(threshold) : null
}

function dayMoved({ percent, direction }: AlertRule, moved: string | null): boolean | null {
  if (moved === null || percent === null) return null
  return isMove(direction ?? 'either', parseFixed(moved), parseFixed(percent))
}

function isMove(direction: Direction, moved: Fixed, by: Fixed): boolean {
  return (direction !== 'down' && moved >= by) || (direction !== 'up' && -moved >= by)
}

function isShare({ percent, assetId }: AlertRule, { holdings, total }: Valuation): boolean | null {
  const whole = parseFixed(total)
  if (percent === null || whole <= 0n) return null
  const watched = holdings.filter((holding) => assetId === null || holding.assetId === assetId)
  const values = watched.map(({ value }: Holding) => (value === null ? null : parseFixed(value)))
  const limit = whole * parseFixed(percent)
  if (values.some((value) => value !== null && value * PERCENT * ONE >= limit)) return true
  return values.length === 0 || values.includes(null) ? null : false
}
