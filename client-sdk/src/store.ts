import type { ResumeAnswer } from '../../src/protocol/events.js'
import type { Valuation, ValuationUpdate } from '../../src/protocol/resources.js'

/**
 * What the browser knows of a portfolio, as a pure reducer over what the socket brings.
 *
 *   in step   --update seq = seen + 1-->        in step (the changed holdings merged into a new whole)
 *   in step   --gap, or an unknown epoch-->     catching up: `ask` goes out once
 *   catching  --answer covers all that was heard of--> in step
 *   catching  --answer leaves something out-->  catching up, asked again
 *
 * Invariant: `valuation` is always a state that the server had, whole; while catching up it does not change.
 * An update names the whole's cost only when that has changed; otherwise it stays.
 */
export interface StoreState {
  readonly valuation: Valuation | null
  readonly catchingUp: CatchingUp | null
  /** Number of the last question, so that a late answer is known as such. */
  readonly asked: number
}

interface CatchingUp {
  readonly ask: number
  /** The farthest seq heard of while waiting, by epoch. */
  readonly heard: ReadonlyMap<string, number>
}

export type StoreEvent =
  | { readonly kind: 'snapshot'; readonly snapshot: Valuation }
  | { readonly kind: 'update'; readonly update: ValuationUpdate }
  | { readonly kind: 'answer'; readonly ask: number; readonly answer: ResumeAnswer }
  /** The stream broke off; the next connection begins with a snapshot. */
  | { readonly kind: 'disconnected' }

/** A `portfolio:resume` to send. */
export interface Resume {
  readonly ask: number
  readonly epoch: string
  readonly seq: number
}

export interface Step {
  readonly state: StoreState
  readonly resume: Resume | null
}

export const emptyStore: StoreState = { valuation: null, catchingUp: null, asked: 0 }

export function reduce(state: StoreState, event: StoreEvent): Step {
  switch (event.kind) {
    case 'snapshot':
      return onSnapshot(state, event.snapshot)
    case 'update':
      return onUpdate(state, event.update)
    case 'answer':
      return onAnswer(state, event.ask, event.answer)
    case 'disconnected':
      return still({ ...state, catchingUp: null })
  }
}

function onUpdate(state: StoreState, update: ValuationUpdate): Step {
  const { valuation } = state
  if (state.catchingUp) return still(hear(state, state.catchingUp, update))
  if (valuation === null || update.epoch !== valuation.epoch) return catchUp(state, [update])
  if (update.seq <= valuation.seq) return still(state)
  if (update.seq > valuation.seq + 1) return catchUp(state, [update])
  return still({ ...state, valuation: merge(valuation, update) })
}

/** A snapshot replaces, unless it is older than what is shown: by its seq, or by its clock in another epoch. */
function onSnapshot(state: StoreState, snapshot: Valuation): Step {
  const { valuation, catchingUp } = state
  if (catchingUp) {
    const covered = [...catchingUp.heard].every(
      ([epoch, seq]) => epoch === snapshot.epoch && seq <= snapshot.seq,
    )
    if (!covered || isOlder(snapshot, valuation)) return still(hear(state, catchingUp, snapshot))
    return still({ ...state, valuation: snapshot, catchingUp: null })
  }
  if (!isOlder(snapshot, valuation)) return still({ ...state, valuation: snapshot })
  return snapshot.epoch === valuation?.epoch ? still(state) : catchUp(state, [snapshot])
}

function onAnswer(state: StoreState, ask: number, answer: ResumeAnswer): Step {
  const { catchingUp } = state
  if (catchingUp?.ask !== ask) {
    return answer.kind === 'snapshot' ? onSnapshot(state, answer.snapshot) : still(state)
  }
  const valuation = answer.kind === 'snapshot' ? answer.snapshot : state.valuation
  const next = { ...state, valuation, catchingUp: null }
  const left = [...catchingUp.heard]
    .filter(([epoch, seq]) =>
      epoch === valuation?.epoch ? seq > valuation.seq : answer.kind === 'snapshot' && isNews(state, epoch),
    )
    .map(([epoch, seq]) => ({ epoch, seq }))
  return left.length === 0 ? still(next) : catchUp(next, left)
}

/** Whether an epoch heard of while waiting can be a newer one; the epoch shown before the answer cannot. */
function isNews(state: StoreState, epoch: string): boolean {
  return epoch !== state.valuation?.epoch
}

interface Position {
  readonly epoch: string
  readonly seq: number
}

function catchUp(state: StoreState, heard: readonly Position[]): Step {
  const ask = state.asked + 1
  const from = state.valuation ?? { epoch: heard[0]?.epoch ?? '', seq: 0 }
  return {
    state: {
      ...state,
      asked: ask,
      catchingUp: { ask, heard: new Map(heard.map((position) => [position.epoch, position.seq])) },
    },
    resume: { ask, epoch: from.epoch, seq: from.seq },
  }
}

function hear(state: StoreState, catchingUp: CatchingUp, { epoch, seq }: Position): StoreState {
  if ((catchingUp.heard.get(epoch) ?? -1) >= seq) return state
  return { ...state, catchingUp: { ...catchingUp, heard: new Map(catchingUp.heard).set(epoch, seq) } }
}

function isOlder(snapshot: Valuation, shown: Valuation | null): boolean {
  if (shown === null) return false
  if (snapshot.epoch === shown.epoch) return snapshot.seq < shown.seq
  return Date.parse(snapshot.at) < Date.parse(shown.at)
}

/** The next whole state; what the update does not name stays. */
function merge(valuation: Valuation, update: ValuationUpdate): Valuation {
  const { changed, ...figures } = update
  const byId = new Map(changed.map((holding) => [holding.assetId, holding]))
  const holdings = valuation.holdings.map((holding) => byId.get(holding.assetId) ?? holding)
  return { ...valuation, ...figures, holdings }
}

function still(state: StoreState): Step {
  return { state, resume: null }
}
