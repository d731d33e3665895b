/** One line of the table. `goal` and `floor` are in the figure's own unit. */
export interface Figure {
  readonly name: string
  readonly figure: number
  readonly unit: string
  /** What it is measured beside, in the same run. */
  readonly floor: { readonly name: string; readonly figure: number } | null
  readonly goal: Goal | null
  readonly note?: string
}

/** What a figure has to reach: a bound on the figure itself or on its ratio to the floor. */
export type Goal =
  | { readonly of: 'figure' | 'ratio'; readonly atLeast: number }
  | { readonly of: 'figure' | 'ratio'; readonly atMost: number }

/** A benchmark that this machine cannot run, and what it lacks. */
export interface Skipped {
  readonly name: string
  readonly skipped: string
}

export interface Bench {
  /** Says what is under way. */
  readonly progress: (text: string) => void
}

export type Benchmark = (bench: Bench) => Promise<readonly (Figure | Skipped)[]>

export function ratioOf({ figure, floor }: Figure): number | null {
  return floor === null || floor.figure === 0 ? null : figure / floor.figure
}

/** Null when there is no goal. */
export function isReached(figure: Figure): boolean | null {
  const { goal } = figure
  if (goal === null) return null
  const measured = goal.of === 'ratio' ? ratioOf(figure) : figure.figure
  if (measured === null) return false
  return 'atLeast' in goal ? measured >= goal.atLeast : measured <= goal.atMost
}

export function percentile(samples: readonly number[], part: number): number {
  if (samples.length === 0) throw new Error('there is nothing to take a percentile of')
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN
}
