import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import { type Claimed, FIRST, outboxStore } from './outbox-store.js'
import { pushStore } from './push-store.js'
import { BACK_OFF_MS } from './retries.js'
import { type Outcome, TOPICS, type Topic, type Way } from './way.js'

export interface OutboxOptions {
  readonly db: Database
  /** Null: this server has no such way; what waits for it is over. */
  readonly ways: Readonly<Record<Topic, Way | null>>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Sends what the outbox holds, by whichever process claims it first:
 *
 *     due  --claim-->  claimed for a minute  --sent, or never will be-->  done
 *      ^                     |   |
 *      +---claim ends--------+   +--failed--> due later, for about a day; then done
 *
 * A process that dies between sending and noting it down leaves a claim that ends, so a message may go out twice,
 * under the same name each time; it is never lost. As many parcels are claimed as can be sent at once, and users
 * take turns, so that nobody's many keep others waiting.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #running: Readonly<Record<Topic, Set<Promise<void>>>> = { email: new Set(), push: new Set() }
  readonly #after = new Map<Topic, string>()
  #looking: Promise<void> | null = null
  #again = false
  #stopped = false
  #cancel = (): void => {}

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  start(): this {
    this.#cancel = this.#options.clock.every(LOOK_MS, () => this.wake())
    this.wake()
    return this
  }

  /** Looks for what is due. */
  wake(): void {
    this.#again = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
  }

  /** Lets what is being sent end, for a few seconds; whatever is not noted down by then is sent again. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
    let cancel = (): void => {}
    const patience = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(LAST_SENDS_MS, resolve)
    })
    await Promise.race([Promise.all(TOPICS.flatMap((topic) => [...this.#running[topic]])), patience])
    cancel()
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      for (const topic of TOPICS) {
        const atOnce = this.#options.ways[topic]?.atOnce ?? OVER_AT_ONCE
        const free = atOnce - this.#running[topic].size
        if (free <= 0) continue
        const parcels = await this.#claim(topic, free)
        if (parcels.length > 0) this.#again = true
        for (const parcel of parcels) this.#begin(topic, parcel)
      }
    }
  }

  async #claim(topic: Topic, most: number): Promise<readonly Claimed[]> {
    const { db, clock, log } = this.#options
    const now = clock.now()
    try {
      const asked = { topic, most, now, until: now + CLAIM_MS, after: this.#after.get(topic) ?? FIRST }
      const { parcels, after } = await db.asSystem((tx) => outboxStore.claim(tx, asked))
      this.#after.set(topic, after)
      return parcels
    } catch (error) {
      log.warn({ err: error, topic }, 'the outbox could not be looked at')
      return []
    }
  }

  #begin(topic: Topic, parcel: Claimed): void {
    const running = this.#running[topic]
    const work: Promise<void> = this.#send(topic, parcel).finally(() => {
      running.delete(work)
      if (!this.#stopped) this.wake()
    })
    running.add(work)
  }

  async #send(topic: Topic, parcel: Claimed): Promise<void> {
    const { ways, log } = this.#options
    const way = ways[topic]
    try {
      const outcome = parcel.isDisabled
        ? ({ kind: 'never', error: 'the account is disabled' } as const)
        : way === null
          ? ({ kind: 'never', error: 'this server has no such way' } as const)
          : await way.send(parcel)
      await this.#settle(topic, parcel, outcome)
    } catch (error) {
      // What is not noted down goes out again when the claim ends.
      log.warn({ err: error, topic }, 'what became of a message could not be written down')
    }
  }

  async #settle(topic: Topic, parcel: Claimed, outcome: Outcome): Promise<void> {
    const { db, clock, log } = this.#options
    const now = clock.now()
    const told = { topic, userId: parcel.to.userId, notificationId: parcel.items[0].id }
    const attempts = parcel.attempts + 1
    if (outcome.kind === 'again' && attempts <= BACK_OFF_MS.length) {
      log.debug({ ...told, attempts, reason: outcome.error }, 'a message is tried again later')
      const at = now + Math.max(BACK_OFF_MS[attempts - 1] ?? 0, outcome.afterMs ?? 0)
      return db.asSystem((tx) => outboxStore.again(tx, parcel, { attempts, at, error: outcome.error }))
    }
    const error = outcome.kind === 'sent' ? null : outcome.error
    if (error !== null) log.info({ ...told, attempts, reason: error }, 'a message was given up')
    await db.asSystem(async (tx) => {
      await outboxStore.done(tx, parcel.rows, { now, error })
      if (parcel.browser) await pushStore.settle(tx, parcel.browser, outcome, now)
    })
  }
}

const LOOK_MS = 5_000
const CLAIM_MS = 60_000
const LAST_SENDS_MS = 5_000
/** Of what has no way out and is only noted down as over. */
const OVER_AT_ONCE = 100
