import { randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.js'
import type { Log } from '../../lib/log.js'
import type { Coordination } from '../../prices/coordination.js'
import type { Answer, Ask, Question } from '../ask.js'
import { type Bucket, createBucket } from './bucket.js'
import type { SourceLimit, SourceRefusal } from './source.js'

/** Failures in a row after which a source is left alone. */
const FEWEST_FAILURES = 3
/** How long it is left alone: twice as long each time, drawn from half to one and a half of that. */
const FIRST_HOLD_MS = 30_000
const LONGEST_HOLD_MS = 3_600_000
/** The least for refusals that do not pass in seconds. */
const LEAST_HOLD_MS: ReadonlyMap<string, number> = new Map([
  ['quota', 60_000],
  ['forbidden', 600_000],
  ['key', 1_800_000],
])
/** What a source may ask for itself. */
const LONGEST_ASKED_MS = 24 * 3_600_000
/** Longer than any question takes. */
const PROBE_MS = 30_000
const PROBE_PAUSE_MS = 5_000
const UNCOORDINATED_MS = 5_000

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface DoorStatus {
  readonly id: string
  readonly breaker: BreakerState
  /** Questions that were sent, and those of them that were answered. */
  readonly asked: number
  readonly answered: number
  /** Refusals and failures by a fixed set of words: quota, key, forbidden, not-an-answer, timeout, ... */
  readonly failures: Readonly<Record<string, number>>
  /** How often it said that we ask too much, with status 429 or otherwise. */
  readonly rateLimited: number
  /** Null before the first answer. */
  readonly lastAnswerAgeMs: number | null
}

/** What administrators are shown of a source. */
export interface SourceStatus extends DoorStatus {
  /** Wanted symbols, or pairs of currencies, that it tells. */
  readonly symbols: number
  /** Wanted symbols that it does not know. */
  readonly unknown: readonly string[]
}

export type Outcome<T> =
  | T
  /** Not asked: the bucket is empty, the breaker open, or the other workers cannot be reached. */
  | { readonly kind: 'later'; readonly waitMs: number }
  | { readonly kind: 'refused'; readonly reason: string }

interface Failure {
  readonly kind: 'refused'
  readonly reason: string
  readonly retryAfterMs: number | null
}

export interface DoorOptions {
  readonly source: { readonly id: string; readonly limits: readonly SourceLimit[] }
  /** Whether it is asked for the past, which may wait. */
  readonly isForPast?: boolean
  readonly ask: Ask
  readonly coordination: Coordination
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/**
 * The door of one source: every question goes through its bucket and its breaker, which all workers share by
 * holding the bucket.
 *
 *   closed --- 3 failures in a row, or a quota ---> open --- time over ---> half-open --- answer ---> closed
 *                                                    ^                          |
 *                                                    +-------- failure ---------+
 *
 * Half-open, one question is asked, over all workers. A source that names a time to come back is left alone so
 * long, otherwise twice as long with each opening. What a source does never throws out of here.
 */
export class SourceDoor {
  readonly #options: DoorOptions
  readonly #bucket: Bucket
  readonly #probe: string
  readonly #holder = randomUUID()
  readonly #failures = new Map<string, number>()
  /** Null while the breaker is closed. */
  #openUntil: number | null = null
  #openings = 0
  #inRow = 0
  #asked = 0
  #answered = 0
  #rateLimited = 0
  #lastAnswerAt: number | null = null

  constructor(options: DoorOptions) {
    this.#options = options
    this.#bucket = createBucket(options.coordination, options.source, options.isForPast ?? false)
    this.#probe = `source:${options.source.id}:probe`
  }

  get breaker(): BreakerState {
    if (this.#openUntil === null) return 'closed'
    return this.#options.clock.now() < this.#openUntil ? 'open' : 'half-open'
  }

  /** Ms until the breaker lets a question through; 0 unless it is open. */
  get openForMs(): number {
    return Math.max(0, (this.#openUntil ?? 0) - this.#options.clock.now())
  }

  /** Never rejects. `read` is given the bodies of refusals too; where they tell nothing, their status decides. */
  async ask<T extends { readonly kind: string }>(
    question: Question,
    read: (body: Buffer) => T | SourceRefusal,
  ): Promise<Outcome<T>> {
    const waitMs = await this.#wait()
    if (waitMs > 0) return { kind: 'later', waitMs }
    this.#asked += 1
    const told = this.#judge(await this.#options.ask(question), read)
    const isProbe = this.#openUntil !== null
    if (isFailure(told)) await this.#failed(told, isProbe)
    else this.#succeeded()
    if (isProbe) await this.#release()
    return told
  }

  /** What is amiss with a single symbol, which says nothing of the source. */
  count(reason: string): void {
    this.#failures.set(reason, (this.#failures.get(reason) ?? 0) + 1)
  }

  status(): DoorStatus {
    const lastAnswerAgeMs =
      this.#lastAnswerAt === null ? null : Math.max(0, this.#options.clock.now() - this.#lastAnswerAt)
    return {
      id: this.#options.source.id,
      breaker: this.breaker,
      asked: this.#asked,
      answered: this.#answered,
      failures: Object.fromEntries(this.#failures),
      rateLimited: this.#rateLimited,
      lastAnswerAgeMs,
    }
  }

  /** Ms to wait before a question may be asked; 0 counts one as asked. */
  async #wait(): Promise<number> {
    if (this.openForMs > 0) return this.openForMs
    try {
      if (this.#openUntil !== null && !(await this.#mayProbe())) return PROBE_PAUSE_MS
      const wait = await this.#bucket.take()
      if (wait?.isHold) this.#openUntil = this.#options.clock.now() + wait.waitMs
      return wait?.waitMs ?? 0
    } catch {
      this.count('uncoordinated')
      return UNCOORDINATED_MS
    }
  }

  #mayProbe(): Promise<boolean> {
    return this.#options.coordination.acquire(this.#probe, this.#holder, PROBE_MS)
  }

  async #release(): Promise<void> {
    await this.#options.coordination.release(this.#probe, this.#holder).catch(() => {})
  }

  #judge<T extends { readonly kind: string }>(
    answer: Answer,
    read: (body: Buffer) => T | SourceRefusal,
  ): T | Failure {
    if (answer.kind === 'failed') return { kind: 'refused', reason: answer.reason, retryAfterMs: null }
    const told = this.#read(answer.body, read)
    if (answer.kind === 'answer' || !isFailure(told)) return told
    const retryAfterMs = told.retryAfterMs ?? answer.retryAfterMs
    const reason = told.reason === 'not-an-answer' ? reasonOf(answer.status) : told.reason
    return { kind: 'refused', reason, retryAfterMs }
  }

  #read<T>(body: Buffer, read: (body: Buffer) => T | SourceRefusal): T | SourceRefusal {
    try {
      return read(body)
    } catch (error) {
      this.#options.log.error({ err: error, source: this.#options.source.id }, 'a reader threw')
      return { kind: 'refused', reason: 'not-an-answer', retryAfterMs: null }
    }
  }

  #succeeded(): void {
    if (this.#openUntil !== null)
      this.#options.log.info({ source: this.#options.source.id }, 'source answers again')
    this.#answered += 1
    this.#lastAnswerAt = this.#options.clock.now()
    this.#openUntil = null
    this.#inRow = this.#openings = 0
  }

  async #failed(failure: Failure, isProbe: boolean): Promise<void> {
    const { clock, log, source } = this.#options
    this.count(failure.reason)
    if (failure.reason === 'quota') this.#rateLimited += 1
    this.#inRow += 1
    const holdMs = this.#holdMs(failure, isProbe)
    if (holdMs === 0) return
    this.#openings += 1
    this.#openUntil = clock.now() + holdMs
    log.warn({ source: source.id, reason: failure.reason, holdMs }, 'source is left alone')
    await this.#bucket.hold(holdMs).catch(() => this.count('uncoordinated'))
  }

  #holdMs({ reason, retryAfterMs }: Failure, isProbe: boolean): number {
    const { random } = this.#options
    if (retryAfterMs !== null) {
      // Some time on top, lest everybody who was sent away comes back at once.
      return Math.min(retryAfterMs, LONGEST_ASKED_MS) + Math.ceil((0.1 + random()) * 5_000)
    }
    const leastMs = LEAST_HOLD_MS.get(reason)
    if (leastMs === undefined && !isProbe && this.#inRow < FEWEST_FAILURES) return 0
    const grownMs = Math.min(FIRST_HOLD_MS * 2 ** Math.min(this.#openings, 20), LONGEST_HOLD_MS)
    return Math.ceil(Math.max(grownMs, leastMs ?? 0) * (0.5 + random()))
  }
}

function isFailure(told: { readonly kind: string }): told is Failure {
  return told.kind === 'refused'
}

function reasonOf(status: number): string {
  if (status === 429 || status === 418) return 'quota'
  if (status === 401 || status === 403 || status === 451) return 'forbidden'
  return 'error'
}
