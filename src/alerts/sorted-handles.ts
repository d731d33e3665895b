/**
 * Handles in the order of a key, those with the same key by handle. The key of a handle must not change while it
 * is in here. Many come and go in one pass over the array, so that neither costs its square.
 */
export class SortedHandles<Key extends bigint | number> {
  readonly #keyOf: (handle: number) => Key
  readonly #ascending: boolean
  #handles = NO_HANDLES
  #size = 0

  constructor(keyOf: (handle: number) => Key, ascending = true) {
    this.#keyOf = keyOf
    this.#ascending = ascending
  }

  get size(): number {
    return this.#size
  }

  /** The handle at this place; -1 beyond the last. */
  at(place: number): number {
    return place < this.#size ? (this.#handles[place] ?? -1) : -1
  }

  /** A copy. */
  slice(from = 0, to = this.#size): Int32Array {
    return this.#handles.slice(from, Math.min(to, this.#size))
  }

  /** How many there are from the front up to and with this key. */
  countThrough(key: Key): number {
    let from = 0
    let to = this.#size
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#isBefore(key, this.#keyOf(this.#handles[middle] ?? -1))) to = middle
      else from = middle + 1
    }
    return from
  }

  /** None of them may be in here. */
  addAll(added: readonly number[] | Int32Array): void {
    if (added.length === 0) return
    const sorted = Array.from(added, (handle) => ({ handle, key: this.#keyOf(handle) }))
    sorted.sort((a, b) => this.#compare(a, b))
    this.#reserve(this.#size + sorted.length)
    let end = this.#size
    for (let left = sorted.length - 1; left >= 0; left -= 1) {
      const one = sorted[left]
      if (!one) break
      const place = this.#placeOf(one, end)
      if (place < end) this.#handles.copyWithin(place + left + 1, place, end)
      this.#handles[place + left] = one.handle
      end = place
    }
    this.#size += sorted.length
  }

  /** Whichever of them are in here. */
  removeAll(removed: readonly number[] | Int32Array): void {
    const places = new Int32Array(removed.length)
    let found = 0
    for (const handle of removed) {
      const place = this.#placeOf({ handle, key: this.#keyOf(handle) }, this.#size)
      if (this.at(place) !== handle) continue
      places[found] = place
      found += 1
    }
    if (found > 0) this.#close(places.subarray(0, found).sort())
  }

  /** The first so many, which are then no longer in here. */
  take(count: number): Int32Array {
    const taken = this.slice(0, count)
    this.#handles.copyWithin(0, taken.length, this.#size)
    this.#shrink(this.#size - taken.length)
    return taken
  }

  #close(places: Int32Array): void {
    let to = places[0] ?? 0
    for (let index = 0; index < places.length; index += 1) {
      const from = (places[index] ?? 0) + 1
      const end = places[index + 1] ?? this.#size
      this.#handles.copyWithin(to, from, end)
      to += end - from
    }
    this.#shrink(to)
  }

  /** Where it is, or would be, among the first `end`. */
  #placeOf({ handle, key }: Keyed<Key>, end: number): number {
    let from = 0
    let to = end
    while (from < to) {
      const middle = (from + to) >>> 1
      const other = this.#handles[middle] ?? -1
      const otherKey = this.#keyOf(other)
      const isBefore = this.#isBefore(otherKey, key) || (otherKey === key && other < handle)
      if (isBefore) from = middle + 1
      else to = middle
    }
    return from
  }

  #compare(a: Keyed<Key>, b: Keyed<Key>): number {
    if (a.key === b.key) return a.handle - b.handle
    return this.#isBefore(a.key, b.key) ? -1 : 1
  }

  #isBefore(a: Key, b: Key): boolean {
    return this.#ascending ? a < b : b < a
  }

  #reserve(size: number): void {
    if (size <= this.#handles.length) return
    // What comes first, and at once, is most often all there will be for a while.
    const handles = new Int32Array(this.#size === 0 ? size : Math.ceil(size * 1.25))
    handles.set(this.#handles.subarray(0, this.#size))
    this.#handles = handles
  }

  #shrink(size: number): void {
    this.#size = size
    if (size === 0) this.#handles = NO_HANDLES
    else if (size * 4 < this.#handles.length) this.#handles = this.#handles.slice(0, size)
  }
}

interface Keyed<Key> {
  readonly handle: number
  readonly key: Key
}

const NO_HANDLES = new Int32Array(0)
