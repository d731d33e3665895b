import { type Fixed, ONE } from '../lib/decimal.js'
import type { Movement } from './alert-table.js'
import { SortedHandles } from './sorted-handles.js'

/** An alert that the price has moved far enough for, and the price from which it moved. */
export interface MoveHit {
  readonly handle: number
  readonly from: Fixed
}

/**
 * The lowest prices of a trailing window, for alerts on a rise; or the highest, for alerts on a fall. Kept are only
 * those prices that are the lowest from their instant on: they rise from the oldest to the newest. An alert is with
 * the first of them that it counts, which is the lowest of all that it counts. When a price goes, because it is too
 * old or a lower one came, its alerts go to the one behind it.
 *
 *   low    97   98   98.5   100      the window begins at 97, the newest price is 100
 *   alerts a,b       c      d        c counts prices since shortly before 98.5
 *
 * The nearest price at which any of them would be hit is remembered, so that most prices cost a comparison. Time
 * counts in whole seconds: of a second one price is kept, and one more for each alert that begins to count in it.
 */
export class Extremes {
  readonly #isRise: boolean
  readonly #percentOf: (handle: number) => Fixed
  readonly #movementOf: (handle: number) => Movement
  /** Oldest first; those before `#first` have gone. */
  #entries: Entry[] = []
  #first = 0
  /** No alert is hit before the price reaches it; may be nearer than need be. */
  #trigger: Fixed | null = null

  constructor(options: {
    isRise: boolean
    percentOf: (handle: number) => Fixed
    movementOf: (handle: number) => Movement
  }) {
    this.#isRise = options.isRise
    this.#percentOf = options.percentOf
    this.#movementOf = options.movementOf
  }

  /** The newest price there is; `at` lies behind all others. */
  push(at: number, price: Fixed): void {
    const last = this.#entries.at(-1)
    if (last && this.#entries.length > this.#first && secondOf(last.at) === secondOf(at)) {
      if (this.#outlasts(last.price, price) && last.price !== price) return
    }
    this.observe(at, price)
  }

  /** A price of any instant, of which nothing is known yet. */
  observe(at: number, price: Fixed): void {
    const place = this.#placeOf(at)
    const later = this.#entries[place]
    if (later && this.#outlasts(later.price, price)) return
    const entry: Entry = { at, price, members: null }
    let from = place
    while (from > this.#first && this.#outlasts(price, this.#entries[from - 1]?.price ?? price)) {
      from -= 1
      this.#hand(this.#entries[from], entry)
    }
    if (later) this.#divide(later, entry)
    if (from === this.#entries.length) this.#entries.push(entry)
    else this.#entries.splice(from, place - from, entry)
    this.#bound(entry)
  }

  /** Lets go of prices of before this second; the newest price must not be one of them. */
  expire(second: number): void {
    for (let oldest = this.#entries[this.#first]; oldest && secondOf(oldest.at) < second; ) {
      const next = this.#entries[this.#first + 1]
      if (!next) return
      this.#hand(oldest, next)
      this.#first += 1
      oldest = next
    }
    if (this.#first < 64 || this.#first * 2 < this.#entries.length) return
    this.#entries = this.#entries.slice(this.#first)
    this.#first = 0
  }

  /** Alerts begin to count, at the newest price, which stands since `at`. */
  attach(handles: Int32Array, at: number, price: Fixed, second: number): void {
    for (const handle of handles) {
      const movement = this.#movementOf(handle)
      movement.since = Math.min(movement.since, at)
      if (movement.price !== null && secondOf(movement.since) >= second)
        this.observe(movement.since, movement.price)
      if (this.#placeOf(movement.since) === this.#entries.length) this.observe(at, price)
    }
    for (const [entry, group] of this.#byEntry(handles)) {
      entry.members ??= new SortedHandles(this.#percentOf)
      entry.members.addAll(group)
      this.#bound(entry)
    }
  }

  /** The alerts that this price hits, which are then no longer in here. */
  hits(price: Fixed): readonly MoveHit[] {
    if (this.#trigger === null || !this.#reaches(price, this.#trigger)) return NO_HITS
    const hits: MoveHit[] = []
    this.#trigger = null
    for (let place = this.#first; place < this.#entries.length; place += 1) {
      const entry = this.#entries[place]
      if (!entry?.members) continue
      const { members, price: from } = entry
      let count = 0
      while (count < members.size && this.#reaches(price, this.#triggerOf(from, members.at(count))))
        count += 1
      for (const handle of members.take(count)) hits.push({ handle, from })
      this.#bound(entry)
    }
    return hits
  }

  /** Whichever of them are in here. */
  removeAll(handles: readonly number[]): void {
    for (const [entry, group] of this.#byEntry(handles)) entry.members?.removeAll(group)
  }

  *handles(): Iterable<number> {
    for (const { members } of this.#entries) if (members) yield* members.slice()
  }

  /** Of the first price at or after this instant. */
  #placeOf(at: number): number {
    let from = this.#first
    let to = this.#entries.length
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((this.#entries[middle]?.at ?? 0) < at) from = middle + 1
      else to = middle
    }
    return from
  }

  /** The first price that each of them counts. */
  #byEntry(handles: Iterable<number>): ReadonlyMap<Entry, readonly number[]> {
    const byEntry = new Map<Entry, number[]>()
    for (const handle of handles) {
      const entry = this.#entries[this.#placeOf(this.#movementOf(handle).since)]
      if (!entry) continue
      const group = byEntry.get(entry)
      if (group) group.push(handle)
      else byEntry.set(entry, [handle])
    }
    return byEntry
  }

  #hand(from: Entry | undefined, to: Entry): void {
    if (!from?.members) return
    const [few, many] =
      to.members && to.members.size > from.members.size
        ? [from.members, to.members]
        : [to.members, from.members]
    if (few) many.addAll(few.slice())
    to.members = many
    from.members = null
    this.#bound(to)
  }

  /** Of those with the later price, the ones that count from the earlier one on. */
  #divide(later: Entry, earlier: Entry): void {
    const moved = later.members?.slice().filter((handle) => this.#movementOf(handle).since <= earlier.at)
    if (!moved || moved.length === 0) return
    later.members?.removeAll(moved)
    earlier.members ??= new SortedHandles(this.#percentOf)
    earlier.members.addAll(moved)
  }

  #bound({ price, members }: Entry): void {
    if (!members || members.size === 0) return
    const trigger = this.#triggerOf(price, members.at(0))
    if (this.#trigger === null || this.#reaches(this.#trigger, trigger)) this.#trigger = trigger
  }

  /** The first price that lies by the alert's percentage away from this one. */
  #triggerOf(price: Fixed, handle: number): Fixed {
    const percent = this.#percentOf(handle)
    if (this.#isRise) return (price * (WHOLE + percent) + WHOLE - 1n) / WHOLE
    return (price * (WHOLE - percent)) / WHOLE
  }

  #reaches(price: Fixed, trigger: Fixed): boolean {
    return this.#isRise ? price >= trigger : price <= trigger
  }

  /** Whether nobody needs to know the earlier, or other, price beside this one. */
  #outlasts(price: Fixed, other: Fixed): boolean {
    return this.#isRise ? price <= other : price >= other
  }
}

interface Entry {
  readonly at: number
  readonly price: Fixed
  /** By percentage. */
  members: SortedHandles<Fixed> | null
}

/** In per cent. */
const WHOLE = 100n * ONE
const NO_HITS: readonly MoveHit[] = []

export function secondOf(at: number): number {
  return Math.floor(at / 1_000)
}
