import { INTERVALS, type Interval } from './candle.js'
import type { Gap } from './store.js'

/** A question for the past that has to be asked. */
export interface Job {
  readonly symbol: string
  readonly interval: Interval
  readonly from: number
  /** Since when it is wanted. */
  readonly before: number
  readonly gaps: Readonly<Record<Interval, Gap>>
  readonly attempts: number
  readonly notBefore: number
}

/**
 * Questions that wait, by the source that would be asked. Of those to one source, what somebody holds goes before
 * what is only watched, what was wanted last before what has waited, and minutes before hours before days.
 */
export class PastQueue {
  readonly #bySource = new Map<string | null, Map<string, Job>>()
  readonly #isHeld: (symbol: string) => boolean

  constructor(options: { isHeld: (symbol: string) => boolean }) {
    this.#isHeld = options.isHeld
  }

  get size(): number {
    let size = 0
    for (const jobs of this.#bySource.values()) size += jobs.size
    return size
  }

  /** Those for which questions wait. */
  sources(): readonly string[] {
    return [...this.#bySource.keys()].filter((source) => source !== null)
  }

  /** `source` null: there is none that can be asked. A question that waits already is asked once, for all of it. */
  add(source: string | null, job: Job): void {
    const jobs = this.#bySource.get(source) ?? new Map<string, Job>()
    this.#bySource.set(source, jobs)
    const key = `${job.symbol} ${job.interval}`
    const waiting = jobs.get(key)
    if (!waiting || job.from < waiting.from) jobs.set(key, job)
  }

  /** Takes out what nobody could be asked for. */
  takeUnplaced(): readonly Job[] {
    const jobs = this.#bySource.get(null)
    this.#bySource.delete(null)
    return [...(jobs?.values() ?? [])]
  }

  /** Takes out what to ask this source next; null when nothing is due. What is not wanted any more is dropped. */
  takeBest(source: string, now: number, isWanted: (symbol: string) => boolean): Job | null {
    const jobs = this.#bySource.get(source)
    if (!jobs) return null
    let best: Job | null = null
    for (const [key, job] of jobs) {
      if (!isWanted(job.symbol)) jobs.delete(key)
      else if (job.notBefore <= now && (best === null || this.#goesBefore(job, best))) best = job
    }
    if (best) jobs.delete(`${best.symbol} ${best.interval}`)
    if (jobs.size === 0) this.#bySource.delete(source)
    return best
  }

  #goesBefore(a: Job, b: Job): boolean {
    const isHeld = this.#isHeld(a.symbol)
    if (isHeld !== this.#isHeld(b.symbol)) return isHeld
    if (a.before !== b.before) return a.before > b.before
    return INTERVALS.indexOf(a.interval) < INTERVALS.indexOf(b.interval)
  }
}
