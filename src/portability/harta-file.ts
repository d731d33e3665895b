import { setImmediate as turn } from 'node:timers/promises'
import { MOST_ALERTS, ruleOf } from '../alerts/rule.js'
import { newAlert } from '../alerts/schema.js'
import type { KeptAlert } from '../alerts/store.js'
import { checkSymbols } from '../alerts/symbols.js'
import { checkKept } from '../assets/batch.js'
import { isAccount } from '../assets/ledger.js'
import { type NewActivity, newActivity } from '../assets/schema.js'
import { newFlow, newRule } from '../cashflow/schema.js'
import { dateIn } from '../lib/calendar.js'
import { parseFixed } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'
import type { FlowKind } from '../protocol/flows.js'
import type { Known, KnownAsset } from './known.js'
import { checked, Mistaken, names, shaped } from './names.js'
import type { Draft, FlowStep, Kept, Step } from './plan.js'
import { type ExportedActivity, type ExportedAlert, type ExportedAsset, exported } from './schema.js'

/**
 * Our own complete export: everything of somebody who has nothing but categories yet, as it was, with ids of its
 * own. Whatever refers to something that the file does not have, or that cannot be, is a problem of its row.
 */
export async function readHarta(file: unknown, known: Known, now: number, draft: Draft): Promise<void> {
  const sections = (file ?? {}) as Readonly<Record<string, unknown>>
  if (sections.format !== 'harta' || sections.version !== 1)
    throw new Mistaken(null, 'is no export of Harta, or one of a later version')
  if (!known.empty) throw accountNotEmpty()
  const today = readProfile(sections.profile, now, draft) ?? known.today
  if (sections.notificationSettings !== undefined) readSettings(sections.notificationSettings, draft)
  const files = new Ids()

  const each = async <T>(
    section: string,
    shape: Parameters<typeof shaped<T>>[0],
    kind: string | null,
    take: (item: T, row: number) => void,
  ): Promise<void> => {
    const items = sections[section]
    if (!Array.isArray(items)) return
    for (const [index, item] of items.entries()) {
      if (index % TURN_EVERY === TURN_EVERY - 1) await turn()
      try {
        take(shaped(shape, item), index + 1)
        if (kind !== null) draft.count(kind)
      } catch (error) {
        if (!(error instanceof Mistaken)) throw error
        draft.refuse(index + 1, [section, error.field].filter(Boolean).join('.'), error.message)
      }
    }
  }

  const resolve = names(draft, { ...known, assets: [] }, { aside: false, exact: true })
  const categoryOf = new Map<string, FlowKind>()
  await each('categories', exported.category, null, ({ id, kind, name }, row) => {
    const own = resolve.category(row, kind, name)
    files.add('category', id, own)
    categoryOf.set(own, kind)
  })

  const assets = new Map<string, KnownAsset>()
  await each('assets', exported.asset, null, (asset, row) => {
    const made = resolve.make(row, newAssetOf(asset))
    files.add('asset', asset.id, made.id)
    assets.set(made.id, made)
  })
  const accountOf = (id: string | null): string | null => {
    if (id === null) return null
    const own = files.own('asset', id, 'assetId')
    if (!isAccount(assets.get(own)?.type ?? 'REAL')) throw new Mistaken('assetId', 'is no account')
    return own
  }
  const categoryIn = (id: string | null, kind: FlowKind): string | null => {
    if (id === null) return null
    const own = files.own('category', id, 'categoryId')
    if (categoryOf.get(own) !== kind) throw new Mistaken('categoryId', 'is of the other kind')
    return own
  }

  const priced = new Set<string>()
  await each('assetPrices', exported.assetPrice, 'prices', ({ assetId, date, unitPrice }, row) => {
    const own = files.own('asset', assetId, 'assetId')
    once(priced, `${own} ${date}`, 'date')
    draft.steps.push({ what: 'price', row, assetId: own, date, unitPrice })
  })

  await each('recurringRules', exported.recurringRule, 'recurring', (one, row) => {
    const { id, paused, bookedUpTo, categoryId, assetId, nextDueOn, ...rule } = one
    shaped(newRule, { ...rule, paused })
    const own = draft.newId()
    const values = {
      ...rule,
      categoryId: categoryIn(categoryId, rule.kind),
      assetId: accountOf(assetId),
      nextDueOn,
    }
    draft.steps.push({ what: 'rule', row, id: own, rule: values, paused, bookedUpTo })
    files.add('rule', id, own)
  })

  const flows = new Map<string, FlowStep & { row: number }>()
  const readFlows = (section: 'incomes' | 'expenses', kind: FlowKind) =>
    each(section, exported.flow, section, ({ id, ...flow }, row) => {
      const { categoryId, assetId, ruleId, ...plain } = flow
      shaped(newFlow[kind], plain)
      if (flow.date > today) throw new Mistaken('date', 'lies in the future')
      const own = draft.newId()
      const step: Step & FlowStep = {
        ...{ what: 'flow', row, kind, id: own, move: null },
        flow: {
          ...plain,
          categoryId: categoryIn(categoryId, kind),
          assetId: accountOf(assetId),
          ruleId: ruleId === null ? null : files.own('rule', ruleId, 'ruleId'),
        },
      }
      files.add(kind, id, own)
      flows.set(own, step)
    })
  await readFlows('incomes', 'INCOME')
  await readFlows('expenses', 'EXPENSE')

  /** By their ids in the file; an activity that follows from another one, or from a flow, is written with it. */
  const entries = new Map<string, { step: Extract<Step, { what: 'kept' }>; type: string; date: string }>()
  await each('activities', exported.activity, 'activities', (activity, row) => {
    const asset = assets.get(files.own('asset', activity.assetId, 'assetId'))
    if (!asset) throw new Mistaken('assetId', 'is not in the file')
    const kept = keptOf(activity, asset, today)
    const { cause, type, date } = activity
    if (cause === null) {
      if (entries.has(activity.id)) throw new Mistaken('id', 'is there twice')
      const step: Extract<Step, { what: 'kept' }> = {
        what: 'kept',
        row,
        ...draft.seat(),
        kept,
        follower: null,
      }
      entries.set(activity.id, { step, type, date })
      return
    }
    const account = isAccount(asset.type)
    if (cause.kind !== 'activity') {
      const flow = flows.get(files.own(cause.kind === 'income' ? 'INCOME' : 'EXPENSE', cause.id, 'cause'))
      if (!flow || flow.move || flow.flow.assetId !== asset.id || !account || !MOVES.has(type))
        throw new Mistaken('cause', 'is not moved by it')
      flows.set(flow.id, { ...flow, move: { ...draft.seat(), kept } })
      return
    }
    const first = entries.get(cause.id)
    if (!first || first.step.follower || first.date !== date || first.step.kept.assetId === asset.id)
      throw new Mistaken('cause', 'stands before it, on the same date, and once')
    const arrives = first.type === 'TRANSFER_OUT' && type === 'TRANSFER_IN'
    const from = assets.get(first.step.kept.assetId)
    const fits = arrives ? isAccount(from?.type ?? 'REAL') === account : account && MOVES.has(type)
    if (!fits) throw new Mistaken('cause', 'cannot have such a consequence')
    entries.set(cause.id, { ...first, step: { ...first.step, follower: { ...draft.seat(), kept } } })
  })
  for (const flow of flows.values()) draft.steps.push(flow)
  const sorted = [...entries.values()].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
  for (const { step } of sorted) draft.steps.push(step)

  const budgeted = new Set<string>()
  await each('budgets', exported.budget, 'budgets', ({ id, categoryId, ...budget }, row) => {
    const category = files.own('category', categoryId, 'categoryId')
    once(budgeted, `${category} ${budget.month}`, 'month')
    const own = draft.newId()
    if (id !== null) files.add('budget', id, own)
    draft.steps.push({ what: 'budget', row, ...budget, id: own, categoryId: category })
  })
  await each('goals', exported.goal, 'goals', (told, row) => {
    const { id: known, contributions, assetIds, milestones, ...goal } = told
    const linked = [...new Set(assetIds.map((id) => files.own('asset', id, 'assetIds')))]
    const percents = new Set<string>()
    for (const { percent } of milestones) once(percents, String(percent), 'milestones')
    const made = contributions.map((one) => shaped(exported.contribution, one))
    const id = draft.newId()
    if (known !== null) files.add('goal', known, id)
    draft.steps.push({ what: 'goal', row, id, goal: { ...goal, assetIds: linked, milestones } })
    for (const one of made) {
      draft.steps.push({ what: 'contribution', row, goalId: id, ...one })
      draft.count('contributions')
    }
  })
  await each('alerts', exported.alert, 'alerts', (alert, row) => {
    if ((draft.counts.alerts ?? 0) >= MOST_ALERTS) throw new Mistaken(null, `is beyond ${MOST_ALERTS} alerts`)
    const own = (what: 'goal' | 'budget' | 'asset', id: string | null) =>
      id === null ? null : files.own(what, id, `${what}Id`)
    const { goalId, budgetId, assetId } = alert
    const ids = {
      goalId: own('goal', goalId),
      budgetId: own('budget', budgetId),
      assetId: own('asset', assetId),
    }
    draft.steps.push({ what: 'alert', row, ...keptAlert(draft.newId(), { ...alert, ...ids }) })
  })
}

const TURN_EVERY = 500
const MOVES = new Set(['DEPOSIT', 'WITHDRAWAL'])

/** The date that it is in the zone of the file's user; what was entered there is not in the future. */
function readProfile(profile: unknown, now: number, draft: Draft): string | null {
  return readPart('profile', draft, () => {
    const read = shaped(exported.profile, profile)
    draft.steps.push({ what: 'profile', row: 1, aside: true, profile: read })
    return dateIn(read.timeZone, now)
  })
}

function readSettings(part: unknown, draft: Draft): void {
  readPart('notificationSettings', draft, () => {
    const settings = shaped(exported.notificationSettings, part)
    draft.steps.push({ what: 'settings', row: 1, aside: true, settings })
  })
}

/** A part of the file that is no list; a mistake in it is a problem of the first row. */
function readPart<T>(name: string, draft: Draft, read: () => T): T | null {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    draft.refuse(1, [name, error.field].filter(Boolean).join('.'), error.message)
    return null
  }
}

function newAssetOf({ id: _, symbol, ...asset }: ExportedAsset) {
  const { pricing, ...account } = asset
  const isTraded = asset.type === 'STOCK' || asset.type === 'CRYPTO'
  return { ...(isTraded ? { ...account, pricing } : account), ...(symbol === null ? {} : { symbol }) }
}

/** One that waits to be armed again is armed: by how far its value was back already, nobody knows. */
function keptAlert(id: string, alert: ExportedAlert): KeptAlert {
  const { currency, state, snoozedUntil, firedAt, createdAt, told, ...asked } = alert
  const given = Object.entries(asked).filter(([, value]) => value !== null)
  const rule = ruleOf(shaped(newAlert, Object.fromEntries(given)), currency)
  checked(() => checkSymbols(rule))
  if (rule.kind === 'PORTFOLIO' && rule.threshold !== null && currency === null)
    throw new Mistaken('currency', 'is needed')
  const instant = (text: string | null) => (text === null ? null : Date.parse(text))
  return {
    ...{ id, rule, told, firedAt: instant(firedAt), snoozedUntil: instant(snoozedUntil) },
    state: state === 'fired' && rule.repeat === 'rearm' ? 'armed' : state,
    createdAt: Date.parse(createdAt),
  }
}

function keptOf(activity: ExportedActivity, asset: KnownAsset, today: string): Kept {
  const { id: _, assetId: __, cause: ___, rate, rateCurrency, ...told } = activity
  const split = told.type === 'SPLIT' && told.quantity !== null ? { ...told, ratio: null } : told
  const fields = Object.entries(split.type === 'SPLIT' ? split : { ...split, ratio: null })
  const input: NewActivity = shaped(
    newActivity,
    Object.fromEntries(fields.filter(([, value]) => value !== null)),
  )
  const exact = { input, rate: rate === null ? null : parseFixed(rate), rateCurrency }
  checked(() => checkKept(exact, asset, today))
  return { assetId: asset.id, input, rate, rateCurrency }
}

function once(seen: Set<string>, key: string, field: string): void {
  if (seen.has(key)) throw new Mistaken(field, 'is there twice')
  seen.add(key)
}

/** Ids of the file, and those that take their place. */
class Ids {
  readonly #own = new Map<string, string>()

  add(what: string, id: string, own: string): void {
    if (this.#own.has(`${what} ${id}`)) throw new Mistaken('id', 'is there twice')
    this.#own.set(`${what} ${id}`, own)
  }

  own(what: string, id: string, field: string): string {
    const own = this.#own.get(`${what} ${id}`)
    if (own === undefined) throw new Mistaken(field, 'is not in the file')
    return own
  }
}

export function accountNotEmpty(): AppError {
  return new AppError(
    'conflict',
    'account-not-empty',
    'A complete export can be taken over by a new account alone; this one has entries already.',
  )
}
