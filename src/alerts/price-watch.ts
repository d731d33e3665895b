import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Mark } from '../prices/board.js'
import type { AlertOp } from './ops.js'
import { priceAlertStore, type StoredMark } from './price-alert-store.js'
import { PriceAlerts } from './price-alerts.js'
import { ratioOf } from './ratio.js'
import { RECENT_VERSIONS, RecentQuotes } from './recent-quotes.js'

/**
 * Holds the price alerts of the symbols that are this worker's against every price that it admits. What is in
 * memory is kept equal to what is stored: alerts of a symbol are read when it becomes ours, then followed by the
 * transactions that touch them. Prices that come before all alerts of a symbol have been read are remembered by their
 * lowest and highest, and walked through afterwards, so that none of what happens meanwhile is passed over.
 *
 *   of another worker -> to be read (prices wait) -> loaded (each price is evaluated at once) -> of another worker
 */
export class PriceWatch {
  readonly #options: PriceWatchOptions
  readonly #alerts: PriceAlerts
  /** First symbols of alerts, of all workers. */
  readonly #known = new Set<string>()
  readonly #loaded = new Set<string>()
  readonly #loading = new Set<string>()
  /** Prices of symbols that are ours and not loaded, or without alerts. */
  readonly #waiting = new Map<string, RecentQuotes>()
  /** Alerts that have to be read again, because somebody else was first. */
  readonly #again = new Set<string>()
  readonly #marks = new Map<string, StoredMark>()
  /** Ratios of which a price has moved. */
  readonly #moved = new Set<string>()
  #keptAt = 0
  #watermark = 0n
  #cancels: (() => void)[] = []
  #round: Promise<void> | null = null
  #saving: Promise<void> | null = null
  #isDue = false
  #cancelSoon: (() => void) | null = null
  #restedAt = 0
  #stopped = false

  constructor(options: PriceWatchOptions) {
    this.#options = options
    this.#alerts = new PriceAlerts({ emit: options.emit })
  }

  /** Alerts in memory. */
  get size(): number {
    return this.#alerts.size
  }

  /** Resolves when the alerts of all symbols that are ours have been read; never rejects. */
  async start(): Promise<void> {
    const { clock } = this.#options
    this.#cancels = [
      clock.every(LOOK_MS, () => this.wake()),
      clock.every(SAVE_MS, () => {
        this.#saving ??= this.#save().finally(() => {
          this.#saving = null
        })
      }),
    ]
    this.wake()
    await this.#round
  }

  /** Alerts or the division of symbols may have changed: looks soon. */
  wake(): void {
    this.#isDue = true
    if (this.#round || this.#cancelSoon || this.#stopped) return
    const { clock } = this.#options
    const look = (): void => {
      this.#cancelSoon = null
      this.#round = this.#look().finally(() => {
        this.#round = null
        this.#restedAt = clock.now() + PAUSE_MS
        if (this.#isDue) this.wake()
      })
    }
    // A clock that was set back must not make it a pause of hours.
    const pauseMs = Math.min(this.#restedAt - clock.now(), PAUSE_MS)
    if (pauseMs <= 0) look()
    else this.#cancelSoon = clock.after(pauseMs, look)
  }

  /** A price that this worker has admitted. */
  admitted(mark: Mark): void {
    const { symbol, version } = mark.quote
    if (this.#loaded.has(symbol)) {
      if (this.#isSure(mark)) this.#alerts.tick(symbol, mark.amount, version, mark.quote.at)
      return
    }
    if (!this.#isSure(mark)) return
    const quoted = { price: mark.amount, version, at: mark.quote.at }
    const waiting = this.#waiting.get(symbol) ?? new RecentQuotes()
    this.#waiting.set(symbol, waiting)
    // Where no alert is known, one may have been made that is not heard of yet.
    waiting.add(quoted, this.#known.has(symbol) ? 0 : version - RECENT_VERSIONS)
  }

  /**
   * A price of any symbol, whoever has admitted it: moves the ratios in which it takes part. They are looked at when
   * all that comes with it is known, so that one new price is not divided by an old one.
   */
  moved(symbol: string): void {
    for (const name of this.#alerts.ratiosOf(symbol)) {
      if (this.#moved.size === 0) queueMicrotask(() => this.#tickMoved())
      this.#moved.add(name)
    }
  }

  /** What was decided of this alert did not count: it is read again. */
  refused(alertId: string): void {
    this.#alerts.refused(alertId)
    this.#again.add(alertId)
    this.wake()
  }

  /** Keeps the last prices, if what they led to can be written down at once. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const cancel of this.#cancels) cancel()
    this.#cancelSoon?.()
    await this.#round
    let cancel = (): void => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(LAST_SAVE_MS, resolve)
    })
    const saved = Promise.resolve(this.#saving).then(() => this.#save())
    await Promise.race([patience, saved])
    cancel()
  }

  /** Nothing is told of a price that is old, simulated where it has to be real, or of nobody. */
  #isSure({ quote, price }: Mark): boolean {
    const { clock, allowSimulated } = this.#options
    return clock.now() <= quote.freshUntil && (allowSimulated || price.state !== 'simulated')
  }

  #tickMoved(): void {
    const moved = [...this.#moved]
    this.#moved.clear()
    for (const name of moved) this.#tickRatio(name)
  }

  #tickRatio(name: string): void {
    const [above = '', below = ''] = name.split('/')
    if (!this.#loaded.has(above)) return
    const [one, other] = [this.#options.markOf(above), this.#options.markOf(below)]
    if (!one || !other || !this.#isSure(one) || !this.#isSure(other)) return
    const ratio = ratioOf(
      { amount: one.amount, version: one.quote.version },
      { amount: other.amount, version: other.quote.version },
    )
    if (ratio) this.#alerts.tick(name, ratio.amount, ratio.version, Math.max(one.quote.at, other.quote.at))
  }

  async #look(): Promise<void> {
    this.#isDue = false
    try {
      if (this.#watermark === 0n) await this.#begin()
      else await this.#follow()
      await this.#divide()
      // What is read again goes on from the price that stands.
      if (this.#again.size === 0) this.#alerts.tidy()
    } catch (error) {
      this.#options.log.warn({ err: error }, 'alerts could not be read')
    }
  }

  async #begin(): Promise<void> {
    const { db } = this.#options
    const watermark = await db.asSystem((tx) => priceAlertStore.begin(tx))
    for (const symbol of await db.asSystem((tx) => priceAlertStore.symbols(tx))) this.#known.add(symbol)
    this.#watermark = watermark
  }

  async #follow(): Promise<void> {
    const { db } = this.#options
    const again = [...this.#again]
    const { changes, refused } = await db.asSystem(async (tx) => ({
      changes: await priceAlertStore.changes(tx, this.#watermark),
      refused: again.length === 0 ? [] : await priceAlertStore.byIds(tx, again),
    }))
    for (const id of changes.removed) this.#alerts.remove(id)
    for (const alert of [...changes.alerts, ...refused]) {
      this.#known.add(alert.symbol)
      if (this.#loaded.has(alert.symbol) || this.#loading.has(alert.symbol)) this.#alerts.put(alert)
    }
    for (const id of again) this.#again.delete(id)
    this.#watermark = changes.watermark
  }

  async #divide(): Promise<void> {
    const { mine } = this.#options
    const lost = [...this.#loaded].filter((symbol) => !mine(symbol))
    if (lost.length > 0) this.#forget(new Set(lost))
    for (const symbol of this.#waiting.keys()) if (!mine(symbol)) this.#waiting.delete(symbol)
    const wanted = [...this.#known].filter((symbol) => mine(symbol) && !this.#loaded.has(symbol))
    for (let first = 0; first < wanted.length && !this.#stopped; first += SYMBOLS_AT_ONCE)
      await this.#load(wanted.slice(first, first + SYMBOLS_AT_ONCE).filter(mine))
  }

  #forget(lost: ReadonlySet<string>): void {
    for (const symbol of lost) this.#loaded.delete(symbol)
    for (const name of [...this.#alerts.names()]) {
      if (!lost.has(firstOf(name))) continue
      this.#alerts.forget(name)
      this.#marks.delete(name)
    }
  }

  async #load(symbols: readonly string[]): Promise<void> {
    const { db, clock, markOf } = this.#options
    for (const symbol of symbols) this.#loading.add(symbol)
    try {
      await this.#mark(symbols)
      const moving = new Map<string, number>()
      let last: { symbol: string; id: string } | null = null
      do {
        const page: Awaited<ReturnType<typeof priceAlertStore.page>> = await db.asSystem((tx) =>
          priceAlertStore.page(tx, symbols, last, PAGE),
        )
        this.#alerts.putAll(page)
        for (const { symbol, per, windowMinutes } of page)
          if (windowMinutes !== null && per === null)
            moving.set(symbol, Math.max(moving.get(symbol) ?? 0, windowMinutes))
        last = page.length < PAGE ? null : (page.at(-1) ?? null)
      } while (last !== null)
      await this.#seed(moving, clock.now())
      for (const symbol of symbols) this.#loadedNow(symbol, markOf(symbol))
    } finally {
      for (const symbol of symbols) this.#loading.delete(symbol)
    }
  }

  /**
   * Goes on where the last worker stopped. Alerts that it may not have had by then are held against the price at
   * which it stopped, as if that came now.
   */
  async #mark(symbols: readonly string[]): Promise<void> {
    const { marks, unmarked } = await this.#options.db.asSystem(async (tx) => ({
      marks: await priceAlertStore.marks(tx, symbols),
      unmarked: await priceAlertStore.unmarked(tx, symbols),
    }))
    this.#alerts.putAll(unmarked)
    const names = new Set(unmarked.map(({ symbol, per }) => (per === null ? symbol : `${symbol}/${per}`)))
    for (const { name, price, version, at } of marks) {
      if (names.has(name)) this.#alerts.tick(name, price, version, at)
      this.#alerts.mark(name, price, version)
    }
  }

  /** What was before the start counts in the windows of `moves`. */
  async #seed(windows: ReadonlyMap<string, number>, now: number): Promise<void> {
    if (windows.size === 0) return
    const since = now - Math.max(...windows.values()) * 60_000
    const minutes = await this.#options.db.asSystem((tx) =>
      priceAlertStore.minutes(tx, [...windows.keys()], since),
    )
    for (const name of windows.keys()) {
      const bars = minutes.filter((minute) => minute.name === name)
      if (bars.length > 0) this.#alerts.seedMoves(name, bars)
    }
  }

  /** Walks through what was admitted meanwhile, or takes what stands. */
  #loadedNow(symbol: string, standing: Mark | undefined): void {
    const waiting = this.#waiting.get(symbol)?.since(BEFORE_ALL) ?? []
    this.#waiting.delete(symbol)
    this.#loaded.add(symbol)
    for (const { price, version, at } of waiting) this.#alerts.tick(symbol, price, version, at)
    if (standing) this.admitted(standing)
    for (const name of this.#alerts.ratiosOf(symbol)) if (firstOf(name) === symbol) this.#tickRatio(name)
  }

  /** Never ahead of what was decided on the way to these prices. */
  async #save(): Promise<void> {
    const isTime = this.#options.clock.now() >= this.#keptAt + KEEP_MS
    if (isTime) this.#keptAt = this.#options.clock.now()
    const moved = isTime || this.#stopped ? this.#alerts.dirtyMarks() : this.#alerts.pastMarks()
    for (const [name, mark] of moved) this.#marks.set(name, { name, ...mark, watermark: this.#watermark })
    const marks = [...this.#marks.values()]
    if (marks.length === 0) return
    try {
      await this.#options.drained()
      for (let first = 0; first < marks.length; first += MARKS_AT_ONCE) {
        const some = marks.slice(first, first + MARKS_AT_ONCE)
        await this.#options.db.asSystem((tx) => priceAlertStore.saveMarks(tx, some))
        for (const mark of some) if (this.#marks.get(mark.name) === mark) this.#marks.delete(mark.name)
      }
    } catch (error) {
      this.#options.log.warn({ err: error }, 'prices up to which alerts were evaluated could not be kept')
    }
  }
}

const LOOK_MS = 1_000
/** Between two looks: anybody may cause one. */
const PAUSE_MS = 100
/** Prices that came past somebody's mark; the others less often. */
const SAVE_MS = 100
const KEEP_MS = 15_000
const LAST_SAVE_MS = 2_000
const SYMBOLS_AT_ONCE = 64
const PAGE = 5_000
const MARKS_AT_ONCE = 1_000
/** No quote has this version. */
const BEFORE_ALL = -1

export interface PriceWatchOptions {
  readonly db: Database
  readonly emit: (op: AlertOp) => void
  /** Resolves when everything emitted so far is written or refused. */
  readonly drained: () => Promise<void>
  /** Whether the symbol is this worker's now. */
  readonly mine: (symbol: string) => boolean
  /** The price of any symbol, as everybody is told it. */
  readonly markOf: (symbol: string) => Mark | undefined
  /** True of the demo alone. */
  readonly allowSimulated: boolean
  readonly clock: Clock
  readonly log: Log
}

/** Of a ratio `A/B` the symbol whose worker keeps it. */
function firstOf(name: string): string {
  return name.split('/')[0] ?? name
}
