import { setImmediate as turn } from 'node:timers/promises'
import { cashOf } from '../assets/ledger.js'
import { type Fixed, formatFixed, parseFixed } from '../lib/decimal.js'
import type { FlowKind } from '../protocol/flows.js'
import type { Stored } from './known.js'
import type { Draft, FlowStep, Step } from './plan.js'

const TURN_EVERY = 500

/** A row that may be written, unless it says what is stored already. */
export interface Candidate {
  readonly row: number
  readonly date: string
  /** What makes it the same as another one. */
  readonly key: string
  /** What it is told by: activities of an asset, or incomes or expenses. */
  readonly of: { readonly assetId: string } | { readonly flow: FlowKind }
  /** Makes its step, once its turn in the order of entry has come. */
  readonly step: () => Step
}

/**
 * Puts the rows into the draft by date; rows of one date stay in the order of the file, or, in a file that begins
 * with the newest, in the opposite one. A row is passed over when the same is stored already, as often as it is.
 */
export async function enter(draft: Draft, candidates: readonly Candidate[], stored: Stored): Promise<void> {
  const newestFirst = (candidates[0]?.date ?? '') > (candidates.at(-1)?.date ?? '')
  const rows = newestFirst ? [...candidates].reverse() : [...candidates]
  rows.sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
  const known = await knownOf(rows, stored)
  for (const [index, { row, key, step }] of rows.entries()) {
    if (index % TURN_EVERY === TURN_EVERY - 1) await turn()
    const left = known.get(key) ?? 0
    if (left > 0) {
      known.set(key, left - 1)
      draft.passOver(row)
    } else draft.steps.push(step())
  }
  draft.duplicates.sort((a, b) => a - b)
  draft.prune()
}

async function knownOf(rows: readonly Candidate[], stored: Stored): Promise<Map<string, number>> {
  const [from, to] = [rows[0]?.date, rows.at(-1)?.date]
  if (from === undefined || to === undefined) return new Map()
  const assetIds = new Set(rows.flatMap(({ of }) => ('assetId' in of ? [of.assetId] : [])))
  const kinds = new Set(rows.flatMap(({ of }) => ('flow' in of ? [of.flow] : [])))
  const found = assetIds.size === 0 ? new Map<string, number>() : await stored.activities([...assetIds])
  for (const kind of kinds) for (const one of await stored.flows(kind, from, to)) found.set(...one)
  return found
}

export function activityKey(activity: {
  readonly assetId: string
  readonly date: string
  readonly type: string
  readonly quantity: Fixed | null
  readonly unitPrice: Fixed | null
  readonly amount: Fixed | null
  readonly currency: string
}): string {
  const { assetId, date, type, quantity, currency } = activity
  const cash = cashOf({ ...activity, exchange: null })
  return [assetId, date, type, quantity ?? '', cash, currency].join('|')
}

export function flowKey(
  kind: FlowKind,
  flow: Pick<FlowStep['flow'], 'amount' | 'currency' | 'date' | 'note'>,
): string {
  const { amount, currency, date, note } = flow
  return [kind, date, formatFixed(parseFixed(amount)), currency, note ?? ''].join('|')
}
