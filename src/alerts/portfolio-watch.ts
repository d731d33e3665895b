import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Announce, Tell } from '../notifications/news.js'
import type { Valuation } from '../protocol/resources.js'
import { encodeSnapshot } from '../valuation/encode.js'
import type { LoadedPortfolios } from '../valuation/load.js'
import { type Market, type Valued, value } from '../valuation/value.js'
import type { LoadedPortfolio } from '../valuation/watched.js'
import { GoalMoves } from './goal-moves.js'
import type { AlertOp } from './ops.js'
import { PortfolioFollow } from './portfolio-follow.js'
import { type Holder, Holders, type Kept } from './portfolio-holders.js'
import { Loading } from './portfolio-loading.js'
import { type Seen, step } from './portfolio-rules.js'
import { doubtsOf, sightOf } from './portfolio-sight.js'
import { portfolioStore, type SeenBy } from './portfolio-store.js'
import { PortfolioWaiting } from './portfolio-waiting.js'
import { turns } from './turns.js'

/**
 * Holds alerts on portfolios, and goals that the market moves, against what their users' portfolios are worth,
 * whether or not anybody looks at them: those of the users who are this worker's. A price or rate that moves marks
 * its name; once a second each portfolio that depends on a marked name is valued, in slices of a few milliseconds.
 * What was seen last of each alert is written down every few seconds, so that a worker that begins compares with
 * it; never of an alert of which a step is still on its way into the database.
 */
export class PortfolioWatch {
  readonly #options: PortfolioWatchOptions
  readonly #follow: PortfolioFollow
  readonly #loading: Loading<Holder>
  readonly #goals: GoalMoves
  readonly #holders: Holders
  readonly #waiting: PortfolioWaiting
  readonly #running = new Map<string, Promise<void>>()
  #moved = new Set<string>()
  #dirty = new Set<Holder>()
  #passes = 0
  #isDivided = false
  #cancels: (() => void)[] = []
  #stopped = false

  constructor(options: PortfolioWatchOptions) {
    const { db, load, market, mine, checkGoals, announce, tell, clock, log } = options
    this.#options = options
    const loaded = (holder: Holder, portfolio: LoadedPortfolio | null): void => this.#take(holder, portfolio)
    this.#loading = new Loading({ load, loaded, clock, log })
    this.#waiting = new PortfolioWaiting({ db, announce, tell, mine, clock, log })
    this.#holders = new Holders({ market, outdated: (holder) => this.#loading.changed(holder) })
    const left = (userId: string): void => this.#dropIfIdle(this.#holders.get(userId))
    this.#goals = new GoalMoves({ db, market, check: checkGoals, left, clock, log })
    this.#follow = new PortfolioFollow({
      db,
      mine,
      to: {
        alert: (alert, owner, isAnew) => {
          const holder = this.#holders.keep(owner)
          this.#holders.put(alert, holder, isAnew)
          this.#dirty.add(holder)
        },
        removed: (alertId) => this.#dropIfIdle(this.#holders.remove(alertId)),
        saver: (owner) => {
          this.#goals.changed(owner.userId)
          this.#dirty.add(this.#holders.keep(owner))
        },
        owner: (owner) => {
          if (this.#holders.get(owner.userId)) this.#holders.keep(owner)
        },
      },
    })
  }

  /** Users whose portfolios are kept. */
  get size(): number {
    return this.#holders.size
  }

  /** Resolves when it is known whose portfolios are to be kept; never rejects. */
  async start(): Promise<void> {
    this.#every(LOOK_MS, 'to be read', () => this.#look())
    this.#every(PASS_MS, 'to be valued', () => this.#pass())
    this.#every(SAVE_MS, 'to be kept', () => this.#save())
    this.#every(WAITING_MS, 'to be told of', () => this.#wait())
    this.#goals.start()
    await this.#run('to be read', () => this.#look())
  }

  /** A symbol or rate moved, or aged (names as in `dependencies`). */
  moved(name: string): void {
    if (this.#holders.dependents(name)) this.#moved.add(name)
  }

  /** Users were divided anew among the workers. */
  divided(): void {
    this.#isDivided = true
    this.#follow.begin()
  }

  /** What was decided of this alert did not count. */
  refused(alertId: string): void {
    this.#follow.again(alertId)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#cancels) cancel()
    await this.#goals.stop()
    await this.#loading.stop()
    const ours = ['to be read', 'to be valued', 'to be told of']
    await Promise.all(ours.map((what) => this.#running.get(what)))
    // Steps that cannot be written are not waited for, nor is what comes after them.
    let cancel = (): void => {}
    const over = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(PATIENCE_MS, resolve)
    })
    await Promise.race([over, this.#run('to be kept', () => this.#save())])
    cancel()
  }

  #every(ms: number, what: string, work: () => Promise<void>): void {
    this.#cancels.push(this.#options.clock.every(ms, () => void this.#run(what, work)))
  }

  /** One of each kind at a time. */
  #run(what: string, work: () => Promise<void>): Promise<void> {
    const running = this.#running.get(what)
    if (running) return running
    const { log } = this.#options
    const made = work()
      .catch((error: unknown) =>
        log.warn({ err: error }, `portfolios with alerts or goals are still ${what}`),
      )
      .finally(() => this.#running.delete(what))
    this.#running.set(what, made)
    return made
  }

  async #look(): Promise<void> {
    const isDivided = this.#isDivided
    this.#isDivided = false
    await this.#follow.look()
    this.#loading.run()
    if (isDivided) this.#dropOthers()
  }

  /** Who has nobody at all has lost his leases for a moment, and will want the same users again. */
  #dropOthers(): void {
    const others = [...this.#holders.all()].filter(({ userId }) => !this.#options.mine(userId))
    if (others.length < this.#holders.size) for (const holder of others) this.#drop(holder)
  }

  #dropIfIdle(holder: Holder | undefined): void {
    if (holder && holder.alerts.size === 0 && !this.#goals.has(holder.userId)) this.#drop(holder)
  }

  #drop(holder: Holder): void {
    this.#holders.drop(holder)
    this.#loading.drop(holder)
    this.#goals.drop(holder.userId)
    this.#waiting.drop(holder)
  }

  #take(holder: Holder, loaded: LoadedPortfolio | null): void {
    if (this.#holders.get(holder.userId) !== holder) return
    if (loaded === null) this.#drop(holder)
    else this.#holders.take(holder, loaded)
    this.#dirty.add(holder)
  }

  async #pass(): Promise<void> {
    const turn = turns(this.#options.clock)
    this.#passes += 1
    for (const holder of this.#due()) {
      if (this.#stopped) return
      if (holder.pass === this.#passes) continue
      holder.pass = this.#passes
      this.#evaluate(holder)
      if (turn.isOver()) await turn.next()
    }
  }

  *#due(): Iterable<Holder> {
    const [moved, dirty] = [this.#moved, this.#dirty]
    this.#moved = new Set()
    this.#dirty = new Set()
    yield* dirty
    for (const name of moved) yield* this.#holders.dependents(name) ?? []
  }

  /** One portfolio that cannot be valued must not hold up the others. */
  #evaluate(holder: Holder): void {
    const { mine, clock, log } = this.#options
    const { loaded, valuing, userId } = holder
    if (!loaded || !valuing || loaded.version < holder.version || !mine(userId)) return
    const at = clock.now()
    if (at >= loaded.dayEndsAt) this.#loading.dayOver(holder)
    try {
      const valued = value(valuing.book, valuing.market)
      if (holder.alerts.size > 0) this.#evaluateAlerts(holder, loaded, valued, at)
      else this.#waiting.drop(holder)
      this.#goals.valued(userId, valued.totals.total, () => valuationOf(loaded, valued, at))
    } catch (error) {
      log.error({ err: error, userId }, 'a portfolio with alerts could not be valued')
    }
  }

  #evaluateAlerts(holder: Holder, loaded: LoadedPortfolio, valued: Valued, at: number): void {
    const { market, allowSimulated, emit } = this.#options
    const { timeZone, alerts } = holder
    const sight = sightOf(valued, { loaded, timeZone, at, market, allowSimulated })
    if (sight === null) {
      this.#waiting.blocked(holder, doubtsOf(valued, allowSimulated), at)
      return
    }
    this.#waiting.looked(holder, at)
    for (const [alertId, kept] of alerts) {
      if (this.#follow.isDoubtful(alertId)) continue
      // Armed on a new day, it may fire at once.
      for (let steps = 0; steps < 2; steps += 1) {
        const done = step(kept.rule, kept.standing, sight)
        if (done) kept.standing = done.standing
        if (!done?.op) break
        emit({ ...done.op, alertId })
      }
    }
  }

  /** Of whom nothing has moved for long is looked at all the same, so that it is known since when that fails. */
  async #wait(): Promise<void> {
    const now = this.#options.clock.now()
    for (const holder of this.#holders.all()) {
      if (holder.lookedAt !== null && now - holder.lookedAt >= REPEATED_MS) this.#dirty.add(holder)
    }
    await this.#waiting.run()
  }

  async #save(): Promise<void> {
    const { db, drained, mine } = this.#options
    await drained()
    const unsaved: (SeenBy & { readonly kept: Kept })[] = []
    const turn = turns(this.#options.clock)
    for (const { userId, alerts } of this.#holders.all()) {
      if (turn.isOver()) await turn.next()
      // Whoever has this user by now has seen more.
      if (!mine(userId)) continue
      for (const [alertId, kept] of alerts) {
        const { standing, saved } = kept
        if (standing.seen === null || isSame(standing.seen, saved) || this.#follow.isDoubtful(alertId))
          continue
        unsaved.push({ alertId, standing, seen: standing.seen, kept })
      }
    }
    for (let first = 0; first < unsaved.length; first += SAVED_AT_ONCE) {
      const some = unsaved.slice(first, first + SAVED_AT_ONCE)
      await db.asSystem((tx) => portfolioStore.save(tx, some))
      for (const { kept, seen } of some) kept.saved = seen
    }
  }
}

const LOOK_MS = 2_000
/** Each portfolio once in this time. */
const PASS_MS = 1_000
const SAVE_MS = 10_000
const WAITING_MS = 60_000
const SAVED_AT_ONCE = 1_000
const PATIENCE_MS = 2_000
/** What was seen is written down as often, though nothing has moved: a day may be over. */
const REPEATED_MS = 3_600_000

export interface PortfolioWatchOptions {
  readonly db: Database
  /** What users hold. */
  readonly load: (userIds: readonly string[]) => Promise<LoadedPortfolios>
  /** Prices, and rates into this currency. */
  readonly market: (currency: string) => Market
  readonly emit: (op: AlertOp) => void
  /** Resolves when everything emitted so far is written or refused. */
  readonly drained: () => Promise<void>
  /** Writes down and tells what a user's goals have become, of what everything of his is worth. */
  readonly checkGoals: (userId: string, valuation: Valuation) => Promise<unknown>
  readonly announce: Announce
  readonly tell: Tell
  /** Whether this user is this worker's now. */
  readonly mine: (userId: string) => boolean
  /** True of the demo alone. */
  readonly allowSimulated: boolean
  readonly clock: Clock
  readonly log: Log
}

function isSame(one: Seen, other: Seen | null): boolean {
  const { value, unit, basis, at } = one
  return value === other?.value && unit === other.unit && basis === other.basis && at - other.at < REPEATED_MS
}

function valuationOf({ currency }: LoadedPortfolio, { worths, totals }: Valued, at: number): Valuation {
  return JSON.parse(encodeSnapshot({ epoch: 'alerts', seq: 0, at }, currency, worths, totals)) as Valuation
}
