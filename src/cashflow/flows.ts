import type { AccountMoves } from '../assets/account-moves.js'
import type { Database, Tx } from '../database/database.js'
import { dateIn } from '../lib/calendar.js'
import type { Clock } from '../lib/clock.js'
import { parseFixed } from '../lib/decimal.js'
import type { Flow, FlowKind } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { categoryStore } from './category-store.js'
import { type FlowValues, flowStore } from './flow-store.js'
import { given } from './given.js'
import { profileStore } from './profile-store.js'
import { type CheckVersion, missing, mistake, noAccount } from './refusals.js'
import type { FlowChange, FlowQuery, NewFlow } from './schema.js'

export interface FlowsOptions {
  readonly db: Database
  readonly clock: Clock
  readonly moves: AccountMoves
  /** Called after the balance of an account has changed and that is committed. */
  readonly changed: (userId: string) => void
}

/** The rules of incomes, or of expenses: the same, but for what an account gains by them. */
export type Flows = ReturnType<typeof flows>

export function flows(kind: FlowKind, { db, clock, moves, changed }: FlowsOptions) {
  /** One change of one user's entries; `work` says whether a balance has moved with it. */
  async function write<T>(
    userId: string,
    work: (tx: Tx, today: string, baseCurrency: string) => Promise<{ result: T; moved: boolean }>,
  ): Promise<T> {
    const { result, moved } = await db.asUser(userId, async (tx) => {
      const profile = await profileStore.takeTurn(tx, userId)
      if (!profile) throw noAccount()
      return work(tx, dateIn(profile.timeZone, clock.now()), profile.baseCurrency)
    })
    if (moved) changed(userId)
    return result
  }

  async function existing(tx: Tx, userId: string, id: string): Promise<Flow> {
    const flow = await flowStore.find(tx, userId, kind, id)
    if (!flow) throw missing(NAMES[kind])
    return flow
  }

  return {
    list: (userId: string, ask: FlowQuery): Promise<Page<Flow>> =>
      db.asUser(userId, (tx) => flowStore.list(tx, userId, kind, ask)),

    get: (userId: string, id: string): Promise<Flow> => db.asUser(userId, (tx) => existing(tx, userId, id)),

    create: (userId: string, input: NewFlow): Promise<Flow> =>
      write(userId, async (tx, today, baseCurrency) => {
        const values = { ...BLANK, currency: baseCurrency, ...given(input) }
        await requireSound(tx, userId, kind, input, today)
        const result = await enter(tx, userId, kind, values, moves)
        return { result, moved: result.assetId !== null }
      }),

    change: (userId: string, id: string, change: FlowChange, checkVersion: CheckVersion): Promise<Flow> =>
      write(userId, async (tx, today) => {
        const before = await existing(tx, userId, id)
        checkVersion(before)
        await requireSound(tx, userId, kind, change, today)
        const result = await flowStore.update(tx, userId, kind, id, { ...before, ...given(change) })
        const moved = MOVING.some((field) => before[field] !== result[field])
        if (moved) await settle(tx, userId, kind, result, moves)
        return { result, moved }
      }),

    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      write(userId, async (tx) => {
        const before = await existing(tx, userId, id)
        checkVersion(before)
        const moved = before.assetId !== null
        if (moved) await moves.forget(tx, userId, { kind: CAUSES[kind], id })
        await flowStore.remove(tx, userId, kind, id)
        return { result: undefined, moved }
      }),
  }
}

/** Writes one entry, and what its account gains or loses by it. */
export async function enter(
  tx: Tx,
  userId: string,
  kind: FlowKind,
  values: FlowValues,
  moves: AccountMoves,
): Promise<Flow> {
  const flow = await flowStore.insert(tx, userId, kind, values)
  if (flow.assetId !== null) await settle(tx, userId, kind, flow, moves)
  return flow
}

async function settle(
  tx: Tx,
  userId: string,
  kind: FlowKind,
  flow: Flow,
  moves: AccountMoves,
): Promise<void> {
  const amount = parseFixed(flow.amount)
  await moves.settle(tx, userId, {
    kind: CAUSES[kind],
    id: flow.id,
    accountId: flow.assetId,
    amount: kind === 'INCOME' ? amount : -amount,
    currency: flow.currency,
    date: flow.date,
  })
}

async function requireSound(
  tx: Tx,
  userId: string,
  kind: FlowKind,
  change: FlowChange,
  today: string,
): Promise<void> {
  if (change.date !== undefined && change.date > today) throw mistake('/date', 'lies in the future')
  await requireOwn(tx, userId, kind, change)
}

/** Throws unless the category, of this kind, and the account that are named are this user's. */
export async function requireOwn(
  tx: Tx,
  userId: string,
  kind: FlowKind,
  { categoryId, assetId }: Pick<FlowChange, 'categoryId' | 'assetId'>,
): Promise<void> {
  if (typeof categoryId === 'string') await requireCategory(tx, userId, kind, categoryId)
  if (typeof assetId === 'string' && !(await flowStore.isAccount(tx, userId, assetId))) {
    throw mistake('/assetId', 'is no account of yours')
  }
}

/** Throws unless it is a category of this user's and of this kind; somebody else's is none. */
export async function requireCategory(
  tx: Tx,
  userId: string,
  kind: FlowKind,
  categoryId: string,
): Promise<void> {
  const category = await categoryStore.find(tx, userId, categoryId)
  if (!category) throw mistake('/categoryId', 'is no category of yours')
  if (category.kind !== kind) throw mistake('/categoryId', `is no category of ${PLURALS[kind]}`)
}

/** What a balance depends on. */
const MOVING = ['amount', 'currency', 'date', 'assetId'] as const
const BLANK = { categoryId: null, assetId: null, ruleId: null, note: null, tags: [] } as const
const NAMES = { INCOME: 'income', EXPENSE: 'expense' } as const
const PLURALS = { INCOME: 'incomes', EXPENSE: 'expenses' } as const
const CAUSES = { INCOME: 'income', EXPENSE: 'expense' } as const
