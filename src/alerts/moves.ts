import type { Fixed } from '../lib/decimal.js'
import type { Movement } from './alert-table.js'
import { Extremes, type MoveHit, secondOf } from './extremes.js'
import { SortedHandles } from './sorted-handles.js'

/** What stands when an alert is looked at. */
export interface Standing {
  readonly price: Fixed
  /** Ms since the epoch, of the quote. */
  readonly at: number
  /** The same, but later than that of every price before. */
  readonly order: number
}

/**
 * Alerts on moves by so many per cent within one and the same window of one instrument. Each counts the prices of
 * the window, and of these only the ones since its creation, arming or last firing. Until it may fire it sleeps;
 * prices count meanwhile, so that it is told, late, of a move that is still within its window.
 *
 *   asleep -> counting -> hit (and then asleep again, or gone)
 */
export class MoveWindow {
  readonly #seconds: number
  readonly #movementOf: (handle: number) => Movement
  readonly #lows: Extremes
  readonly #highs: Extremes
  readonly #asleep: SortedHandles<number>
  #size = 0

  constructor(
    minutes: number,
    of: {
      readonly percent: (handle: number) => Fixed
      readonly movement: (handle: number) => Movement
      readonly quietUntil: (handle: number) => number
    },
  ) {
    const options = { percentOf: of.percent, movementOf: of.movement }
    this.#seconds = minutes * 60
    this.#movementOf = of.movement
    this.#lows = new Extremes({ ...options, isRise: true })
    this.#highs = new Extremes({ ...options, isRise: false })
    this.#asleep = new SortedHandles(of.quietUntil)
  }

  get size(): number {
    return this.#size
  }

  /** Counts from the next look on; what `movement` and `quietUntil` tell of it may change only while it is out. */
  addAll(handles: readonly number[]): void {
    this.#asleep.addAll(handles)
    this.#size += handles.length
  }

  removeAll(handles: readonly number[]): void {
    this.#asleep.removeAll(handles)
    this.#lows.removeAll(handles)
    this.#highs.removeAll(handles)
    this.#size -= handles.length
  }

  /** Lowest and highest price of a time that has passed, as of its start. */
  seed(at: number, low: Fixed, high: Fixed): void {
    this.#lows.observe(at, low)
    this.#highs.observe(at, high)
  }

  tick(now: Standing): readonly MoveHit[] {
    for (const extremes of [this.#lows, this.#highs]) {
      extremes.push(now.order, now.price)
      extremes.expire(secondOf(now.order) - this.#seconds)
    }
    return this.look(now)
  }

  /** The alerts that are hit at the price that stands, which are then no longer in here. */
  look(now: Standing): readonly MoveHit[] {
    this.#wake(now)
    const risen = this.#lows.hits(now.price)
    this.#highs.removeAll(handlesOf(risen))
    const fallen = this.#highs.hits(now.price)
    this.#lows.removeAll(handlesOf(fallen))
    this.#size -= risen.length + fallen.length
    return fallen.length === 0 ? risen : [...risen, ...fallen]
  }

  *handles(): Iterable<number> {
    yield* this.#asleep.slice()
    yield* this.#lows.handles()
    yield* this.#highs.handles()
  }

  #wake({ at, order, price }: Standing): void {
    const awake = this.#asleep.take(this.#asleep.countThrough(at))
    if (awake.length === 0) return
    const second = secondOf(order) - this.#seconds
    for (const extremes of [this.#lows, this.#highs]) extremes.push(order, price)
    this.#lows.attach(
      awake.filter((handle) => this.#movementOf(handle).up),
      order,
      price,
      second,
    )
    this.#highs.attach(
      awake.filter((handle) => this.#movementOf(handle).down),
      order,
      price,
      second,
    )
  }
}

function handlesOf(hits: readonly MoveHit[]): readonly number[] {
  return hits.map(({ handle }) => handle)
}
