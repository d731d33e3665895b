import { type Book, bookOf, type Market } from '../valuation/value.js'
import { dependencies, type LoadedPortfolio } from '../valuation/watched.js'
import type { Loadable } from './portfolio-loading.js'
import type { PortfolioRule, Seen, Standing } from './portfolio-rules.js'
import type { LoadedPortfolioAlert, Owner } from './portfolio-store.js'

/** A user with alerts on his portfolio, or goals that the market moves. */
export interface Holder extends Loadable {
  timeZone: string
  valuing: { readonly book: Book; readonly market: Market } | null
  readonly alerts: Map<string, Kept>
  /** The pass in which it was valued last. */
  pass: number
  /** When its alerts could be looked at last, as far as this process knows; ms since the epoch. */
  lookedAt: number | null
}

export interface Kept {
  readonly rule: PortfolioRule
  standing: Standing
  /** What of `standing.seen` is written down. */
  saved: Seen | null
}

/** Whose portfolios are kept, with their alerts, and who depends on which price or rate. */
export class Holders {
  readonly #byUser = new Map<string, Holder>()
  readonly #byAlert = new Map<string, Holder>()
  readonly #dependents = new Map<string, Set<Holder>>()
  readonly #market: (currency: string) => Market
  readonly #outdated: (holder: Holder) => void

  /** `outdated` is told whose holdings are not known, or not any more. */
  constructor(options: {
    market: (currency: string) => Market
    outdated: (holder: Holder) => void
  }) {
    this.#market = options.market
    this.#outdated = options.outdated
  }

  get size(): number {
    return this.#byUser.size
  }

  all(): Iterable<Holder> {
    return this.#byUser.values()
  }

  get(userId: string): Holder | undefined {
    return this.#byUser.get(userId)
  }

  /** Everybody whose portfolio depends on this name (as in `dependencies`). */
  dependents(name: string): ReadonlySet<Holder> | undefined {
    return this.#dependents.get(name)
  }

  /** Takes what is known of a user by now, who is kept from here on. */
  keep({ userId, timeZone, version }: Owner): Holder {
    let holder = this.#byUser.get(userId)
    const isOutdated = !holder || version > holder.version
    const blank = { loaded: null, valuing: null, pass: 0, lookedAt: null }
    holder ??= { userId, timeZone, version, ...blank, alerts: new Map() }
    this.#byUser.set(userId, holder)
    holder.timeZone = timeZone
    holder.version = Math.max(holder.version, version)
    if (isOutdated) this.#outdated(holder)
    return holder
  }

  /**
   * An alert as it is stored, which may be behind what was decided here. Of what was seen the newer counts. With
   * `isAnew` what was decided here counts no more.
   */
  put({ id, rule, standing }: LoadedPortfolioAlert, holder: Holder, isAnew: boolean): void {
    const kept = isAnew ? undefined : holder.alerts.get(id)
    const isAhead = kept !== undefined && order(kept.standing) >= order(standing)
    const seen = newer(kept?.standing.seen ?? null, standing.seen)
    holder.alerts.set(id, {
      rule,
      standing: { ...(isAhead ? kept.standing : standing), seen },
      saved: kept ? kept.saved : standing.seen,
    })
    this.#byAlert.set(id, holder)
  }

  /** The holder whose alert it was. */
  remove(alertId: string): Holder | undefined {
    const holder = this.#byAlert.get(alertId)
    this.#byAlert.delete(alertId)
    holder?.alerts.delete(alertId)
    return holder
  }

  drop(holder: Holder): void {
    this.#unindex(holder)
    for (const id of holder.alerts.keys()) this.#byAlert.delete(id)
    this.#byUser.delete(holder.userId)
  }

  take(holder: Holder, loaded: LoadedPortfolio): void {
    this.#unindex(holder)
    holder.version = Math.max(holder.version, loaded.version)
    holder.loaded = loaded
    holder.valuing = { book: bookOf(loaded.positions), market: this.#market(loaded.currency) }
    for (const name of dependencies(loaded).keys()) {
      const dependents = this.#dependents.get(name)
      if (dependents) dependents.add(holder)
      else this.#dependents.set(name, new Set([holder]))
    }
  }

  #unindex(holder: Holder): void {
    const names = holder.loaded ? dependencies(holder.loaded).keys() : []
    for (const name of names) {
      const dependents = this.#dependents.get(name)
      dependents?.delete(holder)
      if (dependents?.size === 0) this.#dependents.delete(name)
    }
  }
}

/** Rises with every step of an alert. */
function order({ armVersion, state }: Standing): number {
  return armVersion * 2 + (state === 'fired' ? 1 : 0)
}

function newer(one: Seen | null, other: Seen | null): Seen | null {
  if (one === null || other === null) return one ?? other
  return other.at > one.at ? other : one
}
