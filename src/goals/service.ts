import type { Tx } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import { dateIn } from '../lib/calendar.js'
import { formatFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { LoadDated } from '../prices/dated.js'
import type { Contribution, Goal } from '../protocol/goals.js'
import type { Page, Valuation } from '../protocol/resources.js'
import { type Facts, markOf, measure, readFacts } from './facts.js'
import { forgetMarks, writeMarks } from './marks.js'
import { markAndAnnounce } from './news.js'
import { milestonesAt } from './progress.js'
import type { ContributionChange, GoalChange, NewContribution, NewGoal } from './schema.js'
import { type GoalValues, goalStore, type StoredGoal } from './store.js'
import { goalTeller, type TellOptions } from './tell.js'

export interface GoalsOptions extends TellOptions {
  readonly dated: LoadDated
}

/** The rules of what is saved for. `checkVersion` compares the version that a client expects and throws when it is another. */
export type Goals = ReturnType<typeof goals>
type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

export function goals({ dated, ...options }: GoalsOptions) {
  const { db, clock, valuation, announce } = options
  const tellAll = goalTeller(options)

  const factsOf = (tx: Tx, userId: string, some: readonly StoredGoal[]): Promise<Facts> =>
    readFacts(tx, userId, some, { dated, now: clock.now() })

  async function tellOne(userId: string, read: (tx: Tx) => Promise<Facts>): Promise<Goal> {
    const [goal] = await tellAll(userId, await db.asUser(userId, read))
    if (!goal) throw noGoal()
    return goal
  }

  async function lock(tx: Tx, userId: string, id: string): Promise<StoredGoal> {
    const goal = await goalStore.lock(tx, userId, id)
    if (!goal) throw noGoal()
    return goal
  }

  async function today(tx: Tx, userId: string): Promise<{ date: string; baseCurrency: string }> {
    const profile = await goalStore.profile(tx, userId)
    if (!profile)
      throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
    return { date: dateIn(profile.timeZone, clock.now()), baseCurrency: profile.baseCurrency }
  }

  async function requireOwn(tx: Tx, userId: string, assetIds: readonly string[]): Promise<void> {
    const own = await goalStore.assetsAmong(tx, userId, assetIds)
    const foreign = assetIds.flatMap((id, index) => (own.has(id) ? [] : [index]))
    if (foreign.length > 0)
      throw mistaken(foreign.map((index) => [`/assetIds/${index}`, 'is none of your assets']))
  }

  /** What a goal has reached by its definition is written down with it, and is no news. */
  async function markSilently(
    tx: Tx,
    userId: string,
    goal: StoredGoal,
    facts: Facts,
    worth: Valuation | null,
  ): Promise<void> {
    const mark = markOf(goal, measure(goal, facts, worth))
    if (mark) await writeMarks(tx, userId, [mark], clock.now())
  }

  /** Work on the contributions of a goal; what they make it reach is written down and announced with them. */
  async function contributing<T>(
    userId: string,
    goalId: string,
    work: (tx: Tx, goal: StoredGoal) => Promise<T>,
  ): Promise<T> {
    const { result, tell } = await db.asUser(userId, async (tx) => {
      const before = await lock(tx, userId, goalId)
      const result = await work(tx, before)
      await goalStore.change(tx, userId, goalId)
      const goal = { ...before, version: before.version + 1 }
      if (goal.basis !== 'CONTRIBUTIONS') return { result, tell: () => {} }
      const mark = markOf(goal, measure(goal, await factsOf(tx, userId, [goal]), null))
      const found = { goals: [goal], marks: mark ? [mark] : [], at: clock.now() }
      return { result, tell: (await markAndAnnounce(tx, userId, found, announce)).tell }
    })
    tell()
    return result
  }

  async function requireContribution(
    tx: Tx,
    userId: string,
    goalId: string,
    id: string,
  ): Promise<Contribution> {
    const contribution = await goalStore.contribution(tx, userId, goalId, id)
    if (!contribution) throw new AppError('missing', 'not-found', 'There is no such contribution.')
    return contribution
  }

  async function requirePast(tx: Tx, userId: string, date: string): Promise<void> {
    if (date > (await today(tx, userId)).date) throw mistaken([['/date', 'lies in the future']])
  }

  return {
    async list(userId: string, ask: PageAsk): Promise<Page<Goal>> {
      const { facts, nextCursor } = await db.asUser(userId, async (tx) => {
        const page = await goalStore.list(tx, userId, ask)
        return { facts: await factsOf(tx, userId, page.data), nextCursor: page.nextCursor }
      })
      return { data: await tellAll(userId, facts), nextCursor }
    },

    get: (userId: string, id: string): Promise<Goal> =>
      tellOne(userId, async (tx) => factsOf(tx, userId, await goalStore.byIds(tx, userId, [id]))),

    async create(userId: string, input: NewGoal): Promise<Goal> {
      const worth = input.basis === 'CONTRIBUTIONS' ? null : await valuation(userId)
      return tellOne(userId, async (tx) => {
        if ((await goalStore.count(tx, userId)) >= MOST_GOALS) {
          throw new AppError('conflict', 'too-many-goals', `An account can hold ${MOST_GOALS} goals.`)
        }
        const { name, target, basis, deadline = null } = input
        const assetIds = linkedOf(basis, input.assetIds, null)
        await requireOwn(tx, userId, assetIds)
        const currency = input.currency ?? (await today(tx, userId)).baseCurrency
        const id = await goalStore.insert(tx, userId, { name, target, currency, basis, deadline })
        await goalStore.link(tx, userId, id, [...new Set(assetIds)])
        const read = () => goalStore.byIds(tx, userId, [id])
        const facts = await factsOf(tx, userId, await read())
        const [goal] = facts.goals
        if (!goal || worth === null) return facts
        await markSilently(tx, userId, goal, facts, worth)
        return { ...facts, goals: await read() }
      })
    },

    async change(userId: string, id: string, change: GoalChange, checkVersion: CheckVersion): Promise<Goal> {
      const { assetIds, ...fields } = change
      const { target, currency, basis } = fields
      const mayRedefine = [target, currency, basis, assetIds].some((given) => given !== undefined)
      // Before the transaction, which must not wait for another one.
      const worth = mayRedefine ? await valuation(userId) : null
      return tellOne(userId, async (tx) => {
        const before = await lock(tx, userId, id)
        checkVersion(before)
        const values = { ...valuesOf(before), ...given(fields) }
        const linked = linkedOf(values.basis, assetIds, before)
        await goalStore.change(tx, userId, id, values)
        if (assetIds !== undefined || basis !== undefined) {
          await requireOwn(tx, userId, linked)
          await goalStore.link(tx, userId, id, [...new Set(linked)])
        }
        const read = () => goalStore.byIds(tx, userId, [id])
        const facts = await factsOf(tx, userId, await read())
        const [goal] = facts.goals
        if (!goal || !isRedefined(before, goal)) return facts
        const { amount, isWhole } = measure(goal, facts, worth)
        if (amount === null || !isWhole) return facts
        await forgetMarks(tx, userId, id, milestonesAt(amount, goal.target))
        const [kept = goal] = await read()
        await markSilently(tx, userId, kept, facts, worth)
        return { ...facts, goals: await read() }
      })
    },

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      db.asUser(userId, async (tx) => {
        checkVersion(await lock(tx, userId, id))
        await goalStore.remove(tx, userId, id)
      }),

    contributions: (userId: string, goalId: string, ask: PageAsk): Promise<Page<Contribution>> =>
      db.asUser(userId, async (tx) => {
        if ((await goalStore.byIds(tx, userId, [goalId])).length === 0) throw noGoal()
        return goalStore.contributions(tx, userId, goalId, ask)
      }),

    contribution: (userId: string, goalId: string, id: string): Promise<Contribution> =>
      db.asUser(userId, (tx) => requireContribution(tx, userId, goalId, id)),

    contribute: (userId: string, goalId: string, input: NewContribution): Promise<Contribution> =>
      contributing(userId, goalId, async (tx, goal) => {
        const date = input.date ?? (await today(tx, userId)).date
        await requirePast(tx, userId, date)
        const { amount, currency = goal.currency, note = null } = input
        return goalStore.contribute(tx, userId, goalId, { amount, currency, date, note })
      }),

    changeContribution: (
      userId: string,
      goalId: string,
      id: string,
      change: ContributionChange,
      checkVersion: CheckVersion,
    ): Promise<Contribution> =>
      contributing(userId, goalId, async (tx) => {
        const before = await requireContribution(tx, userId, goalId, id)
        checkVersion(before)
        const { amount, currency, date, note } = { ...before, ...given(change) }
        await requirePast(tx, userId, date)
        return goalStore.changeContribution(tx, userId, id, { amount, currency, date, note })
      }),

    removeContribution: (
      userId: string,
      goalId: string,
      id: string,
      checkVersion: CheckVersion,
    ): Promise<void> =>
      contributing(userId, goalId, async (tx) => {
        checkVersion(await requireContribution(tx, userId, goalId, id))
        await goalStore.removeContribution(tx, userId, id)
      }),
  }
}

const MOST_GOALS = 1_000

/** The assets that count; those of a goal that has become one of another basis are let go. */
function linkedOf(
  basis: Goal['basis'],
  assetIds: readonly string[] | undefined,
  before: StoredGoal | null,
): readonly string[] {
  if (basis !== 'ASSETS') {
    if (assetIds !== undefined && assetIds.length > 0)
      throw mistaken([['/assetIds', 'belong to a goal of the basis ASSETS']])
    return []
  }
  // It may have lost all of its assets, and is still one that had some.
  const linked = assetIds ?? (before?.basis === 'ASSETS' ? before.assetIds : null)
  if (linked === null || assetIds?.length === 0) throw mistaken([['/assetIds', 'has to name an asset']])
  return linked
}

/** Whether the same money would mean another progress. */
function isRedefined(before: StoredGoal, now: StoredGoal): boolean {
  const isSame =
    before.target === now.target && before.currency === now.currency && before.basis === now.basis
  return !isSame || before.assetIds.join() !== now.assetIds.join()
}

function valuesOf({ name, target, currency, basis, deadline }: StoredGoal): GoalValues {
  return { name, target: formatFixed(target), currency, basis, deadline }
}

/** A change without the fields that it leaves alone. */
function given<T extends object>(change: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const fields = Object.entries(change).filter(([, value]) => value !== undefined)
  return Object.fromEntries(fields) as { [K in keyof T]: Exclude<T[K], undefined> }
}

function noGoal(): AppError {
  return new AppError('missing', 'not-found', 'There is no such goal.')
}

function mistaken(mistakes: readonly (readonly [pointer: string, detail: string])[]): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: mistakes.map(([pointer, detail]) => ({ pointer, detail })),
  })
}
