import { setImmediate as turn } from 'node:timers/promises'
import { alertStore } from '../alerts/store.js'
import { ensureSymbols } from '../alerts/symbols.js'
import type { BatchEntry, EnterAll, KeptActivity } from '../assets/batch.js'
import type { Tx } from '../database/database.js'
import { parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { FlowStep, Kept, Seat, Step } from './plan.js'
import { stepStore } from './step-store.js'

/** Why a step was refused. */
export interface Refusal {
  readonly step: Step
  readonly field: string | null
  readonly detail: string
}

export interface WriteOptions {
  readonly enterAll: EnterAll
  readonly now: number
  /** The place of the import's first activity in the order of entry. */
  readonly first: bigint
}

type Of<W extends Step['what']> = Extract<Step, { readonly what: W }>

/**
 * Writes a batch of steps; gives those that were refused. Throws AppError where the batch as a whole cannot be
 * counted. Inside of the transaction of one user.
 */
export async function writeSteps(
  tx: Tx,
  userId: string,
  steps: readonly Step[],
  options: WriteOptions,
): Promise<readonly Refusal[]> {
  const of = <W extends Step['what']>(what: W) => steps.filter((step): step is Of<W> => step.what === what)
  const refusals: Refusal[] = []
  const refuse = (step: Step, field: string | null, detail: string): void => {
    refusals.push({ step, field, detail })
  }
  for (const step of of('profile')) await stepStore.profile(tx, userId, step)
  const profile = await stepStore.takeTurn(tx, userId)
  if (!profile)
    throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
  for (const step of of('settings')) await stepStore.settings(tx, userId, step)
  await stepStore.categories(tx, userId, of('category'))
  for (const step of of('asset')) {
    await stepStore.asset(tx, userId, step, profile.baseCurrency).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.fault !== 'invalid') throw error
      refuse(step, ...told(error))
    })
  }
  await stepStore.prices(tx, userId, of('price'))
  const flows = of('flow')
  const rules = of('rule')
  const budgets = of('budget')
  const named = [...flows.map(({ flow }) => flow), ...rules.map(({ rule }) => rule), ...budgets]
  const categories = await stepStore.ownAmong(
    tx,
    userId,
    'category',
    named.map(({ categoryId }) => categoryId),
  )
  const accounts = await stepStore.ownAmong(
    tx,
    userId,
    'asset',
    [...flows.map(({ flow }) => flow), ...rules.map(({ rule }) => rule)].map(({ assetId }) => assetId),
  )
  /** What it refers to may have been removed since it was planned, or was refused itself. */
  const stands = (
    step: Step,
    { categoryId, assetId }: { categoryId: string | null; assetId: string | null },
  ) => {
    if (categoryId !== null && !categories.has(categoryId)) refuse(step, 'category', GONE)
    else if (assetId !== null && !accounts.has(assetId)) refuse(step, 'account', GONE)
    else return true
    return false
  }
  for (const step of rules) if (stands(step, step.rule)) await stepStore.rule(tx, userId, step, options.now)
  const ruled = await stepStore.ownAmong(
    tx,
    userId,
    'recurringRule',
    flows.map(({ flow }) => flow.ruleId),
  )
  const sound = flows
    .filter((step) => stands(step, step.flow))
    .map((step) => (step.flow.ruleId === null || ruled.has(step.flow.ruleId) ? step : withoutRule(step)))
  for (const kind of ['INCOME', 'EXPENSE'] as const)
    await stepStore.flows(
      tx,
      userId,
      kind,
      sound.filter((step) => step.kind === kind),
    )

  await turn()
  await enterActivities(tx, userId, [...sound, ...of('activity'), ...of('kept')], options, refuse)

  for (const step of budgets)
    if (stands(step, { ...step, assetId: null })) await stepStore.budget(tx, userId, step)
  for (const step of of('goal')) await stepStore.goal(tx, userId, step)
  await stepStore.contributions(tx, userId, of('contribution'))
  await enterAlerts(tx, userId, of('alert'), options.now, refuse)
  return refusals
}

const GONE = 'is not there any more'

async function enterActivities(
  tx: Tx,
  userId: string,
  steps: readonly (Of<'flow'> | Of<'activity'> | Of<'kept'>)[],
  { enterAll, first }: WriteOptions,
  refuse: (step: Step, field: string | null, detail: string) => void,
): Promise<void> {
  const byId = new Map<string, (typeof steps)[number]>()
  const entries: BatchEntry[] = []
  const spot = ({ id, place }: Seat) => ({ id, sequence: first + BigInt(place) })
  const kept = (seat: Seat & { readonly kept: Kept }): KeptActivity => {
    const { assetId, input, rate, rateCurrency } = seat.kept
    return { ...spot(seat), assetId, input, rate: rate === null ? null : parseFixed(rate), rateCurrency }
  }
  for (const step of steps) {
    if (step.what === 'flow') {
      const { move } = step
      if (move === null) continue
      byId.set(move.id, step)
      const cause = causeOf(step)
      if (move.kept === null) entries.push({ kind: 'move', ...spot(move), move: moveOf(step) })
      else entries.push({ kind: 'kept', ...kept({ ...move, kept: move.kept }), cause, follower: null })
      continue
    }
    byId.set(step.id, step)
    if (step.what === 'activity') {
      const { assetId, input, follower } = step
      entries.push({ kind: 'told', ...spot(step), assetId, input, follower: spot(follower) })
    } else {
      const follower = step.follower && kept(step.follower)
      entries.push({ kind: 'kept', ...kept(step), cause: null, follower })
    }
  }
  entries.sort((a, b) => (a.sequence < b.sequence ? -1 : 1))
  for (const [id, error] of await enterAll(tx, userId, entries)) {
    const step = byId.get(id)
    if (!step) continue
    refuse(step, ...told(error))
    if (step.what === 'flow') await stepStore.removeFlows(tx, userId, step.kind, [step.id])
  }
}

/** Those whose goal, budget or asset was not refused itself, nor has been removed since it was planned. */
async function enterAlerts(
  tx: Tx,
  userId: string,
  steps: readonly Of<'alert'>[],
  now: number,
  refuse: (step: Step, field: string | null, detail: string) => void,
): Promise<void> {
  const sound = new Set(steps)
  for (const what of ['goal', 'budget', 'asset'] as const) {
    const named = steps.flatMap((step) => {
      const id = step.rule[`${what}Id`]
      return id === null ? [] : [{ step, id }]
    })
    const ids = named.map(({ id }) => id)
    const own = await stepStore.ownAmong(tx, userId, what, ids)
    for (const { step, id } of named) {
      if (own.has(id)) continue
      sound.delete(step)
      refuse(step, what, GONE)
    }
  }
  if (sound.size === 0) return
  await ensureSymbols(
    tx,
    [...sound].flatMap(({ rule }) => [rule.symbol, rule.per]),
  )
  await alertStore.insertKept(tx, userId, [...sound], now)
}

function causeOf({ kind, id }: FlowStep) {
  return { kind: kind === 'INCOME' ? ('income' as const) : ('expense' as const), id }
}

function moveOf(step: FlowStep) {
  const { amount, currency, date, assetId } = step.flow
  const value = parseFixed(amount)
  const gained = step.kind === 'INCOME' ? value : -value
  return { ...causeOf(step), accountId: assetId ?? '', amount: gained, currency, date }
}

function withoutRule<S extends FlowStep>(step: S): S {
  return { ...step, flow: { ...step.flow, ruleId: null } }
}

/** What an error says of a row: which field, and what is wrong with it. */
export function told(error: AppError): readonly [field: string | null, detail: string] {
  const [first] = error.details.errors ?? []
  return [first?.pointer.slice(1) || null, first?.detail ?? error.message]
}
