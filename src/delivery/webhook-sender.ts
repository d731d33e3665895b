import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { Log } from '../lib/log.js'
import type { Announce, News, Tell, Told } from '../notifications/news.js'
import { type AttemptOptions, attempt, delayAfter, type Outcome } from './webhook-attempt.js'
import {
  type Health,
  type Parcel,
  type Settled,
  START,
  type SwitchedOff,
  webhookQueue,
} from './webhook-queue.js'

export interface WebhookSenderOptions extends AttemptOptions {
  readonly db: Database
  readonly announce: Announce
  readonly tell: Tell
  readonly clock: Clock
  /** From [0, 1). */
  readonly random: () => number
  readonly log: Log
}

/**
 * Sends what waits in webhook_deliveries; any number of processes may do it at once:
 *
 *     pending --claim, 30 s--> sent --2xx--> delivered
 *        ^                      |
 *        +-- back-off, a day ---+--last attempt, or webhook switched off--> failed
 *
 * A claim is taken before a request and given back with what became of it, so whoever dies in between leaves a
 * delivery that is sent again, with the same id, when the claim has run out. A webhook that is `gone` (410), or of
 * which nothing was delivered for a day, is switched off, and its owner is told in the same transaction.
 */
export class WebhookSender {
  readonly #options: WebhookSenderOptions
  readonly #underWay = new Set<Parcel>()
  readonly #running = new Set<Promise<void>>()
  #unsettled: Done[] = []
  #settling: Promise<void> | null = null
  #looking: Promise<void> | null = null
  #after = START
  #again = false
  #stopped = false
  #cancel = (): void => {}

  constructor(options: WebhookSenderOptions) {
    this.#options = options
  }

  start(): this {
    this.#cancel = this.#options.clock.every(LOOK_MS, () => this.wake())
    this.wake()
    return this
  }

  /** Looks for what is due, also for what became due while it was looking. */
  wake(): void {
    if (this.#stopped) return
    this.#again = true
    this.#looking ??= this.#look()
  }

  /** Requests that are under way may end, which they do within seconds. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
    await Promise.all(this.#running)
    await this.#settle()
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      await this.#settle()
      for (const parcel of await this.#claim()) {
        this.#underWay.add(parcel)
        const work: Promise<void> = this.#send(parcel).finally(() => this.#running.delete(work))
        this.#running.add(work)
      }
    }
    // At once with the last look at `again`, so that nobody who wakes is passed over.
    this.#looking = null
  }

  async #claim(): Promise<readonly Parcel[]> {
    const most = MOST_UNDER_WAY - this.#underWay.size
    if (most <= 0) return []
    const { db, clock, log } = this.#options
    const now = clock.now()
    const webhooks = countBy(this.#underWay, ({ target }) => target.webhookId)
    const hosts = countBy(this.#underWay, ({ target }) => target.url.split('/')[2] ?? '')
    const asked = { now, until: now + CLAIM_MS, most, underWay: { webhooks, hosts }, after: this.#after }
    try {
      const { parcels, after } = await db.asSystem((tx) => webhookQueue.claim(tx, asked))
      this.#after = after
      return parcels
    } catch (error) {
      log.warn({ err: error }, 'it cannot be seen what waits for webhooks')
      return []
    }
  }

  async #send(parcel: Parcel): Promise<void> {
    const { clock, log } = this.#options
    const at = clock.now()
    try {
      const outcome = parcel.isOff
        ? SWITCHED_OFF
        : await attempt(this.#options, parcel.target, parcel.message, at)
      this.#unsettled.push({ parcel, outcome, at: clock.now() })
    } catch (error) {
      log.error({ err: error, webhookId: parcel.target.webhookId }, 'a webhook could not be sent to')
      this.#unsettled.push({ parcel, outcome: INTERNAL, at })
    }
    await this.#settle()
  }

  /** Writes down what is done, all of it at once; what cannot be written waits for the next look. */
  async #settle(): Promise<void> {
    if (this.#unsettled.length > 0) this.#settling ??= this.#settleAll()
    await this.#settling
  }

  async #settleAll(): Promise<void> {
    const { db, tell, clock, log } = this.#options
    while (this.#unsettled.length > 0) {
      const done = this.#unsettled.splice(0, MOST_UNDER_WAY)
      try {
        const told = await db.asSystem((tx) => this.#write(tx, done))
        if (told.length > 0) tell(told)
        for (const { parcel } of done) this.#underWay.delete(parcel)
      } catch (error) {
        log.warn({ err: error }, 'it could not be written down what became of webhooks')
        // Whose claim has run out belongs to whoever claims it next.
        for (const { parcel } of done.filter(isOver)) this.#underWay.delete(parcel)
        this.#unsettled.unshift(...done.filter((one) => !isOver(one)))
        break
      }
      this.wake()
    }
    this.#settling = null

    function isOver({ parcel }: Done): boolean {
      return parcel.claimedUntil <= clock.now()
    }
  }

  async #write(tx: Parameters<Announce>[0], done: readonly Done[]): Promise<readonly Told[]> {
    const { clock, random } = this.#options
    const now = clock.now()
    const written = await webhookQueue.settle(
      tx,
      done.flatMap((one) => settledOf(one, now, random())),
    )
    // Of what somebody else has taken over meanwhile, he tells how it went.
    const counted = done.filter(
      ({ parcel, outcome }) => outcome !== SWITCHED_OFF && parcel.rows.some(({ id }) => written.has(id)),
    )
    const health = healthOf(counted)
    if (health.length === 0) return []
    await webhookQueue.noteHealth(tx, health)
    const gone = counted
      .filter(({ outcome }) => outcome.kind === 'gone')
      .map(({ parcel }) => parcel.target.webhookId)
    const among = health.filter(({ isOk }) => !isOk).map(({ webhookId }) => webhookId)
    if (among.length + gone.length === 0) return []
    const off = await webhookQueue.switchOff(tx, { among: [...among, ...gone], gone, now })
    return this.#options.announce(
      tx,
      off.map((webhook) => newsOf(webhook, now)),
    )
  }
}

interface Done {
  readonly parcel: Parcel
  readonly outcome: Outcome
  readonly at: number
}

const LOOK_MS = 1_000
/** Well above what an attempt takes, with what is written down after it. */
const CLAIM_MS = 30_000
const MOST_UNDER_WAY = 64

const UNANSWERED = { responseCode: null, responseBody: null, retryAfterMs: null } as const
const SWITCHED_OFF: Outcome = { kind: 'failed', ...UNANSWERED, error: 'switched-off' }
const INTERNAL: Outcome = { kind: 'failed', ...UNANSWERED, error: 'internal' }

function settledOf({ parcel, outcome, at }: Done, now: number, random: number): readonly Settled[] {
  const { responseCode, responseBody, error, retryAfterMs } = outcome
  const isLast = outcome.kind === 'gone' || outcome === SWITCHED_OFF
  return parcel.rows.map(({ id, attempts }) => {
    const delay = isLast ? null : delayAfter(attempts + 1, retryAfterMs, random)
    const failed = delay === null ? 'failed' : 'pending'
    const isDelivered = outcome.kind === 'delivered'
    return {
      ...{ id, webhookId: parcel.target.webhookId, claimedUntil: parcel.claimedUntil, at },
      ...{ responseCode, responseBody, error },
      attempts: outcome === SWITCHED_OFF ? attempts : attempts + 1,
      state: isDelivered ? 'delivered' : failed,
      nextAttemptAt: isDelivered || delay === null ? null : now + delay,
    }
  })
}

function healthOf(done: readonly Done[]): readonly Health[] {
  const found = new Map<string, Health>()
  for (const { parcel, outcome, at } of done) {
    const { webhookId } = parcel.target
    const known = found.get(webhookId) ?? { webhookId, isOk: false, failed: 0, since: at }
    const isOk = outcome.kind === 'delivered'
    found.set(webhookId, {
      webhookId,
      isOk: known.isOk || isOk,
      failed: known.failed + (isOk ? 0 : 1),
      since: Math.min(known.since, at),
    })
  }
  return [...found.values()]
}

function newsOf({ id, userId, name, url }: SwitchedOff, at: number): News {
  const called = name ?? new URL(url).host
  return {
    userId,
    kind: 'webhook:disabled',
    key: `webhook ${id} disabled ${at}`,
    words: ({ locale }) =>
      /^id(-|$)/i.test(locale)
        ? {
            title: `Webhook ${called} dinonaktifkan`,
            body: 'Penerimanya menolak atau tidak menjawab terlalu lama. Aktifkan lagi setelah dapat dihubungi.',
          }
        : {
            title: `Webhook ${called} was switched off`,
            body: 'Its receiver refused or has not answered for too long. Switch it on again once it can be reached.',
          },
    data: { webhookId: id },
    channels: null,
    at,
  }
}

function countBy<T>(all: Iterable<T>, keyOf: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1)
  return counts
}
