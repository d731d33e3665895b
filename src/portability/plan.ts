import type { KeptAlert } from '../alerts/store.js'
import type { NewActivity, NewAsset } from '../assets/schema.js'
import type { FlowValues } from '../cashflow/flow-store.js'
import type { RuleValues } from '../cashflow/rule-store.js'
import { risingIds } from '../lib/rising-ids.js'
import type { StoredSettings } from '../notifications/store.js'
import type { FlowKind } from '../protocol/flows.js'
import type { GoalBasis } from '../protocol/goals.js'
import type { ImportProblem } from '../protocol/imports.js'

/**
 * What will be written of a file, as a list of steps. Every step knows the id of what it makes, and steps refer to
 * each other by these ids; so the list can be worked off in pieces, by one process after the other, and says the
 * same to each of them. A step stands behind everything that it refers to.
 */
export type Step = {
  readonly row: number /** Made on the way: no row of the file by itself. */
  readonly aside?: true
} & (
  | { readonly what: 'profile'; readonly profile: ProfileValues }
  | { readonly what: 'settings'; readonly settings: Omit<StoredSettings, 'version'> }
  | { readonly what: 'category'; readonly id: string; readonly kind: FlowKind; readonly name: string }
  | { readonly what: 'asset'; readonly id: string; readonly asset: NewAsset }
  | { readonly what: 'price'; readonly assetId: string; readonly date: string; readonly unitPrice: string }
  | {
      readonly what: 'rule'
      readonly id: string
      readonly rule: RuleValues
      readonly paused: boolean
      readonly bookedUpTo: string | null
    }
  | FlowStep
  | ActivityStep
  | KeptStep
  | {
      readonly what: 'budget'
      readonly id: string
      readonly categoryId: string
      readonly amount: string
      readonly currency: string
      readonly month: string | null
    }
  | { readonly what: 'goal'; readonly id: string; readonly goal: GoalValues }
  | {
      readonly what: 'contribution'
      readonly goalId: string
      readonly amount: string
      readonly currency: string
      readonly date: string
      readonly note: string | null
    }
  | ({ readonly what: 'alert' } & KeptAlert)
)

export interface ProfileValues {
  readonly name: string | null
  readonly baseCurrency: string
  readonly timeZone: string
  readonly locale: string
  readonly monthStartDay: number
}

/** Where an activity will stand: its id, and its place among those of the import. */
export interface Seat {
  readonly id: string
  readonly place: number
}

export interface FlowStep {
  readonly what: 'flow'
  readonly kind: FlowKind
  readonly id: string
  readonly flow: FlowValues
  /** The activity by which it moves its account: at the rate of its date, or as it was kept. */
  readonly move: (Seat & { readonly kept: Kept | null }) | null
}

/** An activity as over HTTP, with the seat of what follows from it. */
export interface ActivityStep extends Seat {
  readonly what: 'activity'
  readonly assetId: string
  readonly input: NewActivity
  readonly follower: Seat
}

export interface Kept {
  readonly assetId: string
  readonly input: NewActivity
  readonly rate: string | null
  readonly rateCurrency: string | null
}

/** An activity as it was kept elsewhere, with what follows from it. */
export interface KeptStep extends Seat {
  readonly what: 'kept'
  readonly kept: Kept
  readonly follower: (Seat & { readonly kept: Kept }) | null
}

export interface GoalValues {
  readonly name: string
  readonly target: string
  readonly currency: string
  readonly basis: GoalBasis
  readonly deadline: string | null
  readonly assetIds: readonly string[]
  readonly reachedAt: string | null
  readonly fellBackAt: string | null
  readonly createdAt: string | null
  readonly milestones: readonly { readonly percent: number; readonly reachedAt: string }[]
}

/** Problems that are told of one import. */
export const MOST_PROBLEMS = 500
const MOST_DUPLICATES = 10_000

/** A plan while it is made. */
export class Draft {
  steps: Step[] = []
  readonly problems: ImportProblem[] = []
  readonly duplicates: number[] = []
  readonly counts: Record<string, number> = {}
  readonly newId: () => string
  #places = 0

  constructor(now: number) {
    this.newId = risingIds(now)
  }

  /** Places in the order of entry that are taken. */
  get places(): number {
    return this.#places
  }

  seat(): Seat {
    this.#places += 1
    return { id: this.newId(), place: this.#places - 1 }
  }

  refuse(row: number, field: string | null, detail: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ row, field, detail: detail.slice(0, 300) })
  }

  passOver(row: number): void {
    if (this.duplicates.length < MOST_DUPLICATES) this.duplicates.push(row)
  }

  count(kind: string, by = 1): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + by
  }

  /** Lets go of assets and categories that nothing is of: their rows were refused, or are there already. */
  prune(): void {
    const needed = new Set(this.steps.flatMap(needs))
    this.steps = this.steps.filter((step) => {
      if (step.what !== 'asset' && step.what !== 'category' && step.what !== 'price') return true
      if (needed.has(step.what === 'price' ? step.assetId : step.id)) return true
      this.count({ asset: 'assets', category: 'categories', price: 'prices' }[step.what], -1)
      return false
    })
    for (const [kind, count] of Object.entries(this.counts)) if (count === 0) delete this.counts[kind]
  }

  /** Steps that are rows of the file. */
  get total(): number {
    return this.steps.reduce((sum, step) => sum + weightOf(step), 0)
  }
}

/** What a row is of. */
function needs(step: Step): readonly string[] {
  if (step.what === 'flow') return [step.flow.categoryId, step.flow.assetId].filter((id) => id !== null)
  if (step.what !== 'activity') return []
  const { accountId, toAssetId } = step.input
  return [step.assetId, accountId, toAssetId].filter((id) => id !== undefined)
}

export function weightOf(step: Step): number {
  return step.aside ? 0 : 1
}
