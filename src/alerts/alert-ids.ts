/**
 * Gives alerts small numbers, their handles, so that what is known of a million of them lies in arrays. An id is
 * kept as the 128 bits that it is and found by open addressing: text and a `Map` would take four times as much, and
 * text that was cut out of a longer one keeps the longer one alive. A handle is used again when its alert has gone.
 */
export class AlertIds {
  #words = new Uint32Array(4 * FIRST_CAPACITY)
  /** Handle + 1 at where its hash points or behind; 0 is free. Never more than half full. */
  #slots = new Int32Array(2 * FIRST_CAPACITY)
  #free: number[] = []
  #top = 0

  /** One more than the highest handle so far. */
  get top(): number {
    return this.#top
  }

  /** -1 when it has none. */
  find(id: string): number {
    return this.#find(wordOf(id, 0, 4), wordOf(id, 9, 14), wordOf(id, 19, 24), wordOf(id, 28, 32))
  }

  /** A handle for a UUID that has none. */
  add(id: string): number {
    const handle = this.#free.pop() ?? this.#top
    if (handle === this.#top) {
      this.#top += 1
      if (this.#top * 4 > this.#words.length) this.#grow()
    }
    const at = handle * 4
    this.#words[at] = wordOf(id, 0, 4)
    this.#words[at + 1] = wordOf(id, 9, 14)
    this.#words[at + 2] = wordOf(id, 19, 24)
    this.#words[at + 3] = wordOf(id, 28, 32)
    this.#insert(handle)
    return handle
  }

  remove(handle: number): void {
    const mask = this.#slots.length - 1
    let hole = this.#home(handle)
    while (this.#slots[hole] !== handle + 1) hole = (hole + 1) & mask
    // Whoever lies behind and was kept from the hole moves into it, so that a search may end at a free slot.
    for (let next = (hole + 1) & mask; this.#slots[next] !== 0; next = (next + 1) & mask) {
      const moved = this.#slots[next] ?? 0
      const distance = (next - this.#home(moved - 1)) & mask
      if (distance < ((next - hole) & mask)) continue
      this.#slots[hole] = moved
      hole = next
    }
    this.#slots[hole] = 0
    this.#free.push(handle)
  }

  text(handle: number): string {
    const at = handle * 4
    const second = this.#digits(at + 1)
    const third = this.#digits(at + 2)
    const [middle, end] = [
      `${second.slice(0, 4)}-${second.slice(4)}`,
      `${third.slice(0, 4)}-${third.slice(4)}`,
    ]
    return `${this.#digits(at)}-${middle}-${end}${this.#digits(at + 3)}`
  }

  #digits(at: number): string {
    return (this.#words[at] ?? 0).toString(16).padStart(8, '0')
  }

  #find(first: number, second: number, third: number, last: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hashOf(third, last) & mask; ; slot = (slot + 1) & mask) {
      const handle = (this.#slots[slot] ?? 0) - 1
      if (handle < 0) return -1
      const at = handle * 4
      if (
        this.#words[at + 3] === last &&
        this.#words[at + 2] === third &&
        this.#words[at + 1] === second &&
        this.#words[at] === first
      )
        return handle
    }
  }

  #home(handle: number): number {
    const at = handle * 4
    return hashOf(this.#words[at + 2] ?? 0, this.#words[at + 3] ?? 0) & (this.#slots.length - 1)
  }

  #insert(handle: number): void {
    const mask = this.#slots.length - 1
    let slot = this.#home(handle)
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = handle + 1
  }

  #grow(): void {
    const words = new Uint32Array(this.#words.length * 2)
    words.set(this.#words)
    this.#words = words
    this.#slots = new Int32Array(this.#slots.length * 2)
    // There is no free handle when more room is needed, so all below the new one are in use.
    for (let handle = 0; handle < this.#top - 1; handle += 1) this.#insert(handle)
  }
}

/** A power of two. */
const FIRST_CAPACITY = 256

/** Eight digits of a UUID as one unsigned number: four from the one place and four from the other. */
function wordOf(id: string, high: number, low: number): number {
  return ((fourDigits(id, high) << 16) | fourDigits(id, low)) >>> 0
}

function fourDigits(id: string, from: number): number {
  return (
    (digit(id.charCodeAt(from)) << 12) |
    (digit(id.charCodeAt(from + 1)) << 8) |
    (digit(id.charCodeAt(from + 2)) << 4) |
    digit(id.charCodeAt(from + 3))
  )
}

/** Of the code of 0-9 or a-f. */
function digit(code: number): number {
  return (code & 15) + (code >> 6) * 9
}

/** The last half of a UUID is random in every version that is in use; this spreads those that were counted up, too. */
function hashOf(third: number, last: number): number {
  const mixed = Math.imul(third ^ Math.imul(last, 0x85ebca6b), 0x9e3779b1)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
