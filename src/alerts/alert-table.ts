import { type Fixed, ONE } from '../lib/decimal.js'
import { AlertIds } from './alert-ids.js'

/** An alert as the evaluator needs it, as read from the database. Instants are in ms since the epoch. */
export interface LoadedAlert {
  /** A UUID. */
  readonly id: string
  readonly symbol: string
  readonly per: string | null
  readonly condition: 'above' | 'below' | 'crosses' | 'moves'
  readonly threshold: Fixed | null
  /** Of `moves`. */
  readonly percent: Fixed | null
  readonly direction: 'up' | 'down' | 'either' | null
  readonly windowMinutes: number | null
  readonly repeat: 'once' | 'rearm'
  /** In per cent of the threshold. */
  readonly hysteresis: Fixed
  readonly minIntervalSeconds: number
  readonly state: 'armed' | 'fired'
  readonly armVersion: number
  readonly firedAt: number | null
  readonly snoozedUntil: number | null
  /** Price at its creation, last change or last step; null when there was none. */
  readonly previous: Fixed | null
  /** Version of its quote, or up to which there was none. */
  readonly previousVersion: number | null
  readonly previousAt: number | null
}

/** What an alert is and waits for, as bits. Above and below together are `crosses`. */
export const ABOVE = 1
export const BELOW = 2
export const MOVES = 4
export const REARM = 8
/** It has fired and waits for the price to come back. */
export const WAITING = 16
/** It has fired for good, and is kept so that an older reading of it changes nothing. */
export const SPENT = 32
/** It is not among its book's triggers yet. */
export const JOINING = 64
/** It does not fire again within a minute, as most that arm themselves again. */
const USUAL = 128

/** What few alerts have. */
interface Extra {
  readonly hysteresis: Fixed
  readonly intervalMs: number
  firedAt: number | null
  snoozedUntil: number | null
  readonly movement: Movement | null
}

/** What a `moves` alert counts: prices from `since` on, with the one that stood then, if that is known. */
export interface Movement {
  readonly minutes: number
  readonly up: boolean
  readonly down: boolean
  since: number
  price: Fixed | null
}

/** Where the price has to be again. */
interface WayBack {
  readonly up: Fixed
  readonly down: Fixed
}

/**
 * What is known of every alert, by handle. Fields that all alerts have lie in arrays, those that few have in maps,
 * as a million alerts have to fit.
 */
export class AlertTable<Book> {
  readonly ids = new AlertIds()
  #flags = new Uint8Array(0)
  #versions = new Int32Array(0)
  /** The threshold, of `moves` the percentage. */
  readonly #marks: Fixed[] = []
  readonly #books: (Book | undefined)[] = []
  readonly #extras = new Map<number, Extra>()
  readonly #waysBack = new Map<number, WayBack>()

  add(alert: LoadedAlert, book: Book): number {
    const handle = this.ids.add(alert.id)
    this.#reserve()
    this.#flags[handle] = flagsOf(alert)
    this.#versions[handle] = alert.armVersion
    this.#marks[handle] = (alert.condition === 'moves' ? alert.percent : alert.threshold) ?? 0n
    this.#books[handle] = book
    const extra = extraOf(alert)
    if (extra) this.#extras.set(handle, extra)
    if (this.is(handle, WAITING)) this.#turn(handle)
    return handle
  }

  remove(handle: number): void {
    this.ids.remove(handle)
    this.#marks[handle] = 0n
    this.#books[handle] = undefined
    this.#extras.delete(handle)
    this.#waysBack.delete(handle)
  }

  is(handle: number, flags: number): boolean {
    return ((this.#flags[handle] ?? 0) & flags) !== 0
  }

  set(handle: number, flags: number): void {
    this.#flags[handle] = (this.#flags[handle] ?? 0) | flags
  }

  clear(handle: number, flags: number): void {
    this.#flags[handle] = (this.#flags[handle] ?? 0) & ~flags
  }

  version(handle: number): number {
    return this.#versions[handle] ?? 0
  }

  /** Undefined when the handle is nobody's. */
  book(handle: number): Book | undefined {
    return this.#books[handle]
  }

  /** The threshold, of `moves` the percentage. */
  mark = (handle: number): Fixed => this.#marks[handle] ?? 0n

  /** What the price has to reach from below: the threshold, or the way back to it. */
  upward = (handle: number): Fixed => this.#wayBack(handle)?.up ?? this.mark(handle)

  /** What the price has to reach from above. */
  downward = (handle: number): Fixed => this.#wayBack(handle)?.down ?? this.mark(handle)

  /** Throws a TypeError unless it is a `moves` alert. */
  movement = (handle: number): Movement => {
    const movement = this.#extras.get(handle)?.movement
    if (!movement) throw new TypeError('not an alert on moves')
    return movement
  }

  /** Until when it may not fire, in ms since the epoch. */
  quietUntil = (handle: number): number => {
    const extra = this.#extras.get(handle)
    if (!extra) return 0
    const { firedAt, intervalMs, snoozedUntil } = extra
    return Math.max(firedAt === null ? 0 : firedAt + intervalMs, snoozedUntil ?? 0)
  }

  /** It has fired, and from now on waits for the price to come back. */
  fired(handle: number, at: number): void {
    const extra = this.#extras.get(handle)
    if (extra) extra.firedAt = at
    else if (this.is(handle, USUAL)) this.#extras.set(handle, { ...USUAL_EXTRA, firedAt: at })
    this.set(handle, WAITING)
    this.#turn(handle)
  }

  rearmed(handle: number): void {
    this.clear(handle, WAITING)
    this.#waysBack.delete(handle)
    this.#versions[handle] = this.version(handle) + 1
  }

  isSnoozedUnlike(handle: number, { snoozedUntil }: LoadedAlert): boolean {
    return (this.#extras.get(handle)?.snoozedUntil ?? null) !== snoozedUntil
  }

  /** How long it is silent may change without a new version. */
  snooze(handle: number, alert: LoadedAlert): void {
    const extra = this.#extras.get(handle)
    const anew = extraOf(alert)
    if (!extra && anew) this.#extras.set(handle, anew)
    if (!extra) return
    extra.snoozedUntil = alert.snoozedUntil
    if (extra.movement && anew?.movement) Object.assign(extra.movement, anew.movement)
  }

  #wayBack(handle: number): WayBack | undefined {
    return this.is(handle, WAITING) ? this.#waysBack.get(handle) : undefined
  }

  #turn(handle: number): void {
    if (this.is(handle, MOVES)) return
    const threshold = this.mark(handle)
    const hysteresis = this.#extras.get(handle)?.hysteresis ?? ONE
    const lower = (threshold * (WHOLE - hysteresis)) / WHOLE
    const higher = (threshold * (WHOLE + hysteresis) + WHOLE - 1n) / WHOLE
    this.#waysBack.set(handle, { up: higher, down: lower })
  }

  #reserve(): void {
    if (this.ids.top <= this.#flags.length) return
    const room = Math.max(256, Math.ceil(this.ids.top * 1.5))
    const flags = new Uint8Array(room)
    flags.set(this.#flags)
    this.#flags = flags
    const versions = new Int32Array(room)
    versions.set(this.#versions)
    this.#versions = versions
  }
}

/** In per cent. */
const WHOLE = 100n * ONE
/** Of `moves` that arm themselves again at once: they would tell of each step of one and the same move. */
const LEAST_INTERVAL_MS = 60_000

const CONDITIONS = { above: ABOVE, below: BELOW, crosses: ABOVE | BELOW, moves: MOVES } as const

/** Of those that are `USUAL`, once they have fired. */
const USUAL_EXTRA = { hysteresis: ONE, intervalMs: 60_000, firedAt: null, snoozedUntil: null, movement: null }

function flagsOf(alert: LoadedAlert): number {
  const { condition, repeat, state } = alert
  const waits = state === 'fired' ? WAITING : 0
  const usual = intervalOf(alert) === USUAL_EXTRA.intervalMs ? USUAL : 0
  return CONDITIONS[condition] | (repeat === 'rearm' ? REARM : 0) | waits | usual
}

function intervalOf({ condition, repeat, minIntervalSeconds }: LoadedAlert): number {
  const least = condition === 'moves' && repeat === 'rearm' ? LEAST_INTERVAL_MS : 0
  return Math.max(minIntervalSeconds * 1_000, least)
}

function extraOf(alert: LoadedAlert): Extra | null {
  const { hysteresis, firedAt, snoozedUntil } = alert
  const movement = movementOf(alert)
  const intervalMs = intervalOf(alert)
  const isPlain = intervalMs === 0 || (intervalMs === USUAL_EXTRA.intervalMs && firedAt === null)
  if (!movement && hysteresis === ONE && isPlain && snoozedUntil === null) return null
  return { hysteresis, intervalMs, firedAt, snoozedUntil, movement }
}

/** What happens while it is silent is not told later, so its prices count from the end of that on. */
function movementOf(alert: LoadedAlert): Movement | null {
  const { condition, direction, windowMinutes, previous, previousAt, snoozedUntil } = alert
  if (condition !== 'moves') return null
  const isSnoozed = snoozedUntil !== null && snoozedUntil > (previousAt ?? 0)
  return {
    minutes: windowMinutes ?? 0,
    up: direction !== 'down',
    down: direction !== 'up',
    since: isSnoozed ? snoozedUntil : (previousAt ?? Number.POSITIVE_INFINITY),
    price: isSnoozed || previousAt === null ? null : previous,
  }
}
