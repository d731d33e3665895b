/**
 * The money-weighted rate of return of dated cash flows: the r of sum(a_i / (1 + r)^((d_i - d_0) / 365)) = 0 with
 * d_0 the earliest date, as spreadsheets define XIRR. Pure, in doubles, to 1e-10. The sum is looked at over a grid
 * of what all of the time makes of one unit, from e^-300 to e^300 and the closest around 1, and each change of its
 * sign is halved down to a root; so it always ends, and finds every root that is not narrower than the grid.
 */
export interface CashFlow {
  /** Days since any fixed date. */
  readonly day: number
  /** What is paid in is negative, what is taken out positive. */
  readonly amount: number
}

export interface Xirr {
  /** The root that is nearest to zero; null where there is none. */
  readonly rate: number | null
  readonly reason: 'no-sign-change' | 'no-root' | 'out-of-range' | null
  /** All roots by size; of flows whose sign changes more than once there may be several. */
  readonly roots: readonly number[]
}

export function xirr(flows: readonly CashFlow[]): Xirr {
  const merged = byDay(flows)
  if (!merged.some(({ amount }) => amount > 0) || !merged.some(({ amount }) => amount < 0))
    return { rate: null, reason: 'no-sign-change', roots: [] }
  const first = merged[0]?.day ?? 0
  const span = (merged.at(-1)?.day ?? first) - first
  const times = merged.map(({ day }) => (day - first) / span)
  const amounts = merged.map(({ amount }) => amount)
  /** `growth` is the logarithm of what the whole span makes of one unit. */
  const sum = (growth: number): number => {
    let total = 0
    for (let place = 0; place < amounts.length; place += 1)
      total += (amounts[place] ?? 0) * Math.exp(-growth * (times[place] ?? 0))
    return total
  }
  const roots = growthsOf(sum).map((growth) => Math.expm1((growth * DAYS_OF_YEAR) / span))
  if (roots.length === 0) return { rate: null, reason: 'no-root', roots }
  const rate = roots.reduce((nearest, root) => (Math.abs(root) < Math.abs(nearest) ? root : nearest))
  if (rate > HIGHEST) return { rate: null, reason: 'out-of-range', roots }
  return { rate, reason: null, roots }
}

const DAYS_OF_YEAR = 365
/** Beyond it a rate tells nothing: it is what a few days would come to in a year. */
const HIGHEST = 1e12
const GRID = Array.from({ length: 101 }, (_, place) => Math.sinh(((place - 50) / 50) * Math.asinh(300)))
const MOST_HALVINGS = 100

function byDay(flows: readonly CashFlow[]): readonly CashFlow[] {
  const sums = new Map<number, number>()
  for (const { day, amount } of flows) sums.set(day, (sums.get(day) ?? 0) + amount)
  return [...sums]
    .filter(([, amount]) => amount !== 0)
    .map(([day, amount]) => ({ day, amount }))
    .sort((a, b) => a.day - b.day)
}

function growthsOf(sum: (growth: number) => number): readonly number[] {
  const roots: number[] = []
  let [before, valueBefore] = [GRID[0] ?? 0, sum(GRID[0] ?? 0)]
  for (const growth of GRID.slice(1)) {
    const value = sum(growth)
    if (value === 0) roots.push(growth)
    else if (valueBefore !== 0 && value < 0 !== valueBefore < 0) roots.push(halve(sum, before, growth))
    before = growth
    valueBefore = value
  }
  return roots
}

function halve(sum: (growth: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  const isNegative = sum(low) < 0
  for (let step = 0; step < MOST_HALVINGS; step += 1) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) return middle
    if (sum(middle) < 0 === isNegative) low = middle
    else high = middle
  }
  return (low + high) / 2
}
