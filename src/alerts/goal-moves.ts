import type { Database } from '../database/database.js'
import { currentOf } from '../goals/current.js'
import { markOf } from '../goals/facts.js'
import { goalStore, type StoredGoal } from '../goals/store.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Valuation } from '../protocol/resources.js'
import type { Market } from '../valuation/value.js'
import { turns } from './turns.js'

/**
 * Goals that the market moves, held against what everything of their users is worth, each user's every ten seconds
 * at most and only when that has moved. The goals are kept in memory: the database is asked when one of them has
 * become something, which is then decided there, and when they have been changed.
 */
export class GoalMoves {
  readonly #options: GoalMovesOptions
  readonly #savers = new Map<string, Saver>()
  readonly #due = new Set<Saver>()
  #cancel: () => void = () => {}
  #running: Promise<void> | null = null
  #stopped = false

  constructor(options: GoalMovesOptions) {
    this.#options = options
  }

  start(): void {
    this.#cancel = this.#options.clock.every(LOOK_MS, () => {
      this.#running ??= this.#run().finally(() => {
        this.#running = null
      })
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#running
  }

  has(userId: string): boolean {
    return this.#savers.has(userId)
  }

  /** This user has such goals, or may have changed them. */
  changed(userId: string): void {
    const saver = this.#savers.get(userId)
    if (saver) Object.assign(saver, { goals: null, total: null, changes: saver.changes + 1 })
    else {
      const unknown = { goals: null, total: null, worth: null }
      this.#savers.set(userId, { userId, ...unknown, changes: 0, checkedAt: 0 })
    }
  }

  drop(userId: string): void {
    const saver = this.#savers.get(userId)
    if (saver) this.#due.delete(saver)
    this.#savers.delete(userId)
  }

  /** What everything of this user is worth now; `worth` is asked only when it is needed. */
  valued(userId: string, total: bigint, worth: () => Valuation): void {
    const saver = this.#savers.get(userId)
    if (!saver || saver.total === total) return
    saver.total = total
    saver.worth = worth
    this.#due.add(saver)
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options
    const turn = turns(clock)
    for (const saver of this.#due) {
      if (this.#stopped) return
      // A clock that was set back does not keep it waiting for longer.
      if (Math.abs(clock.now() - saver.checkedAt) < CHECK_MS) continue
      this.#due.delete(saver)
      saver.checkedAt = clock.now()
      try {
        await this.#check(saver)
      } catch (error) {
        // Nothing may move for days.
        if (this.#savers.get(saver.userId) === saver) this.#due.add(saver)
        log.warn({ err: error, userId: saver.userId }, "a user's goals could not be checked")
      }
      if (turn.isOver()) await turn.next()
    }
  }

  async #check(saver: Saver): Promise<void> {
    const { db, check, left } = this.#options
    const { userId, changes } = saver
    if (saver.goals === null) {
      const goals = await db.asUser(userId, (tx) => goalStore.live(tx, userId))
      // What was read may be of before a change that was told meanwhile; with that it comes to be due anew.
      if (saver.changes !== changes) return
      saver.goals = goals
    }
    if (saver.goals.length === 0) {
      this.drop(userId)
      left(userId)
      return
    }
    const valuation = saver.worth?.()
    if (!valuation || !saver.goals.some((goal) => this.#isNews(goal, valuation))) return
    saver.goals = null
    await check(userId, valuation)
  }

  #isNews(goal: StoredGoal, valuation: Valuation): boolean {
    const toGoal = this.#options.market(goal.currency).rate(valuation.currency)
    return markOf(goal, currentOf(goal, null, valuation, toGoal?.amount ?? null)) !== null
  }
}

const LOOK_MS = 1_000
const CHECK_MS = 10_000

export interface GoalMovesOptions {
  readonly db: Database
  readonly market: (currency: string) => Market
  /** Writes down, and tells, what a user's goals have become (goals/watch.ts). */
  readonly check: (userId: string, valuation: Valuation) => Promise<unknown>
  /** Told of a user who has no such goal any more. */
  readonly left: (userId: string) => void
  readonly clock: Clock
  readonly log: Log
}

interface Saver {
  readonly userId: string
  /** Null while they have to be read. */
  goals: readonly StoredGoal[] | null
  total: bigint | null
  worth: (() => Valuation) | null
  /** How often `changed` was told. */
  changes: number
  checkedAt: number
}
