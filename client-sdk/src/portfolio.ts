import { commands, type ResumeAnswer } from '../../src/protocol/events.js'
import type { Allocation, CostMethod, NetWorthHistory, Performance } from '../../src/protocol/insights.js'
import type {
  CalendarDate,
  CandleInterval,
  Instant,
  Valuation,
  ValuationUpdate,
} from '../../src/protocol/resources.js'
import type { Connection } from './connection.js'
import { guard, Listeners, type Report, type Store } from './listeners.js'
import type { Request } from './request.js'
import { jitter, type Random } from './retry.js'
import { emptyStore, type Resume, reduce, type StoreEvent, type StoreState } from './store.js'

export interface PerformanceQuery {
  readonly from?: CalendarDate
  readonly to?: CalendarDate
  readonly method?: CostMethod
  /** Of one asset alone. */
  readonly assetId?: string
}

export interface HistoryQuery {
  readonly interval?: CandleInterval
  readonly from?: Instant | CalendarDate
  readonly to?: Instant | CalendarDate
}

const PATH = '/v1/portfolio'

/** What is owned and what it is worth, live. Watching opens the connection; a watcher sees whole states only. */
export class Portfolio {
  /** For `useSyncExternalStore` and its like; subscribing is watching. */
  readonly store: Store<Valuation | null>
  readonly #connection: () => Connection
  readonly #request: Request
  readonly #report: Report
  readonly #random: Random
  readonly #listeners: Listeners
  #state: StoreState = emptyStore
  #timer: ReturnType<typeof setTimeout> | null = null
  /** Questions since the stream was last in step. */
  #questions = 0

  constructor(options: { connection: () => Connection; request: Request; report: Report; random: Random }) {
    this.#connection = options.connection
    this.#request = options.request
    this.#report = options.report
    this.#random = options.random
    this.#listeners = new Listeners(options.report)
    this.store = { subscribe: this.#subscribe, getSnapshot: () => this.#state.valuation }
  }

  /** The valuation as the server has it now, asked for once. */
  get = (): Promise<Valuation> => this.#request('GET', PATH)

  /** What came of it between two dates, both included; from the first activity, until today. */
  performance = (query?: PerformanceQuery): Promise<Performance> =>
    this.#request('GET', `${PATH}/performance`, { query })

  /** What it was worth, oldest first. */
  history = (query?: HistoryQuery): Promise<NetWorthHistory> =>
    this.#request('GET', `${PATH}/history`, { query })

  /** How it is spread. */
  allocation = (query?: { readonly by?: Allocation['by'] }): Promise<Allocation> =>
    this.#request('GET', `${PATH}/allocation`, { query })

  /** Calls back with the valuation known now, if there is one, and with every newer one; answers how to stop. */
  watch(callback: (valuation: Valuation) => unknown): () => void {
    let shown: Valuation | null = null
    let watching = true
    const show = (): unknown => {
      const { valuation } = this.#state
      if (!watching || valuation === null || valuation === shown) return undefined
      shown = valuation
      return callback(valuation)
    }
    const unsubscribe = this.#subscribe(show)
    queueMicrotask(() => guard(show, this.#report))
    return () => {
      watching = false
      unsubscribe()
    }
  }

  /** @internal */
  receive(event: StoreEvent): void {
    const before = this.#state
    const { state, resume } = reduce(before, event)
    this.#state = state
    if (state.valuation !== before.valuation) this.#listeners.notify()
    if (state.catchingUp === null) this.#settle()
    if (resume) this.#catchUp(resume)
  }

  /** @internal */
  update(update: ValuationUpdate): void {
    this.receive({ kind: 'update', update })
  }

  /** @internal Forgets everything: the next user must not see the last one's. */
  forget(): void {
    this.#settle()
    if (this.#state.valuation !== null) this.#listeners.notify()
    this.#state = emptyStore
  }

  readonly #subscribe = (listener: () => void): (() => void) => {
    const release = this.#connection().claim()
    const remove = this.#listeners.add(listener)
    return () => {
      remove()
      release()
    }
  }

  #settle(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#questions = 0
  }

  /** The first question goes out at once; a server that keeps leaving gaps is asked ever more slowly. */
  #catchUp(resume: Resume): void {
    const waitMs = this.#questions === 0 ? 0 : jitter(this.#questions, 100, 5_000, this.#random)
    this.#questions += 1
    if (waitMs === 0) void this.#ask(resume)
    else this.#timer = setTimeout(() => void this.#ask(resume), waitMs)
  }

  async #ask({ ask, epoch, seq }: Resume): Promise<void> {
    try {
      const answer = await this.#connection().ask<ResumeAnswer>(commands.resume, { epoch, seq })
      this.receive({ kind: 'answer', ask, answer })
    } catch {
      // Still waiting for this answer: asked again. A lost connection has ended the wait and brings a snapshot.
      if (this.#state.catchingUp?.ask === ask) this.#catchUp({ ask, epoch, seq })
    }
  }
}
