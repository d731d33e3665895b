import type { Fixed } from '../lib/decimal.js'
import { SortedHandles } from './sorted-handles.js'

/**
 * Triggers of one direction on one instrument, in the order in which the price would reach them, with a cursor
 * between those that it has passed and those ahead. A trigger is an edge: on the way up those in (before, now] are
 * hit, on the way down those in [now, before); they are the ones that the cursor moves over. The levels on both
 * sides of the cursor are remembered, so that a price between them costs two comparisons.
 */
export class Triggers {
  readonly #sorted: SortedHandles<Fixed>
  readonly #levelOf: (handle: number) => Fixed
  readonly #upward: boolean
  #price: Fixed | null = null
  /** How many were passed, and the level of the last of them and of the first ahead. */
  #passed = 0
  #last: Fixed | null = null
  #next: Fixed | null = null

  /** The level of a handle must not change while it is in here. */
  constructor(levelOf: (handle: number) => Fixed, upward: boolean) {
    this.#sorted = new SortedHandles(levelOf, upward)
    this.#levelOf = levelOf
    this.#upward = upward
  }

  /** How many the price has come past. */
  get passed(): number {
    return this.#passed
  }

  /** Goes to this price; the handles that were hit on the way, which stay in here. */
  advance(price: Fixed): Int32Array {
    this.#price = price
    if (this.#next !== null && !this.#isBefore(price, this.#next)) {
      const from = this.#passed
      this.#find()
      return this.#sorted.slice(from, this.#passed)
    }
    if (this.#last !== null && this.#isBefore(price, this.#last)) this.#find()
    return NONE
  }

  /** What is already passed is not hit by that. Needs a price to stand at. */
  addAll(handles: readonly number[]): void {
    if (handles.length === 0) return
    this.#sorted.addAll(handles)
    this.#find()
  }

  /** Whichever of them are in here. */
  removeAll(handles: readonly number[]): void {
    if (this.#sorted.size === 0 || handles.length === 0) return
    this.#sorted.removeAll(handles)
    this.#find()
  }

  handles(): Int32Array {
    return this.#sorted.slice()
  }

  #find(): void {
    if (this.#price === null) return
    this.#passed = this.#sorted.countThrough(this.#price)
    this.#last = this.#passed === 0 ? null : this.#levelAt(this.#passed - 1)
    this.#next = this.#passed === this.#sorted.size ? null : this.#levelAt(this.#passed)
  }

  #levelAt(place: number): Fixed {
    return this.#levelOf(this.#sorted.at(place))
  }

  #isBefore(a: Fixed, b: Fixed): boolean {
    return this.#upward ? a < b : b < a
  }
}

const NONE = new Int32Array(0)
