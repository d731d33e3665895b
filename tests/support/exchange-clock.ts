import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../src/lib/clock.js'

interface Timer {
  at: number
  readonly periodMs: number | null
  readonly work: () => void
}

/** A clock that stands until it is told to go on; timers fire in the order of their times. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>()
  #now: number

  constructor(now: number = Date.UTC(2026, 0, 1)) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(delayMs: number, work: () => void): () => void {
    return this.#add({ at: this.#now + delayMs, periodMs: null, work })
  }

  every(periodMs: number, work: () => void): () => void {
    return this.#add({ at: this.#now + periodMs, periodMs, work })
  }

  /** Timers that are still set. */
  get pending(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (let timer = this.#due(end); timer; timer = this.#due(end)) {
      this.#now = timer.at
      if (timer.periodMs === null) this.#timers.delete(timer)
      else timer.at += timer.periodMs
      timer.work()
    }
    this.#now = end
  }

  /** Time passes and nothing runs, as when the process stands still; what was due runs once afterwards. */
  stall(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#now)) {
      if (timer.periodMs === null) this.#timers.delete(timer)
      else timer.at = this.#now + timer.periodMs
      timer.work()
    }
  }

  /**
   * Goes on in small steps, with room for real sockets between them, until the condition holds. The room is counted in
   * turns of the loop, each of which brings sockets of this process on: on a busy machine a moment may hold but one.
   */
  async run(condition: () => boolean, stepMs = 100): Promise<void> {
    const deadline = Date.now() + LONGEST_RUN_MS
    while (!condition()) {
      if (Date.now() > deadline) throw new Error(`never came true: ${condition}`)
      this.advance(stepMs)
      for (let turns = 0; turns < TURNS; turns += 1) await turn()
      if (!condition()) await wait(2)
    }
  }

  #due(end: number): Timer | null {
    let first: Timer | null = null
    for (const timer of this.#timers) if (timer.at <= end && (!first || timer.at < first.at)) first = timer
    return first
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }
}

const TURNS = 20
/** Of real time. */
const LONGEST_RUN_MS = 15_000

/** Polls until the condition holds; fails after `limitMs` of real time. */
export async function eventually(condition: () => boolean, limitMs = 8_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came true: ${condition}`)
    await wait(2)
  }
}
