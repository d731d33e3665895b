import { type Clock, systemClock } from '../lib/clock.js'
import { risingIds } from '../lib/rising-ids.js'
import type { Channel, NotificationKind } from '../protocol/notifications.js'
import {
  type Addressee,
  announceStore,
  type DeliveryRow,
  type Departure,
  type OutboxRow,
} from './announce-store.js'
import type { Announce, News } from './news.js'
import { heldUntil } from './quiet-hours.js'

/**
 * Writes what users are told: the inbox first, where a key can stand once, then one row for each way out of what
 * is new there. Quiet hours and more than `MOST_AN_HOUR` messages by one way hold back what a person would be
 * roused by (e-mail, push, chats), never what a program reads (standard webhooks), and never what somebody has
 * to know at once. Two that announce at the same time may each count up to that limit.
 */
export function createAnnounce(options: {
  readonly emailConfigured: boolean
  readonly clock?: Clock
}): Announce {
  const { emailConfigured, clock = systemClock } = options

  return async (tx, news) => {
    if (news.length === 0) return []
    const now = clock.now()
    const addressees = await announceStore.addressees(tx, [...new Set(news.map(({ userId }) => userId))])
    const newId = risingIds(now)
    const composed = news.flatMap((one) => {
      const addressee = addressees.get(one.userId)
      return addressee ? [compose(one, addressee, newId())] : []
    })
    const written = await announceStore.insert(tx, composed)
    const fresh = composed.filter(({ notification }) => written.has(notification.id))
    const ways = fresh.map((one) => ({ ...one, channels: channelsOf(one, emailConfigured) }))
    const users = ways.flatMap(({ userId, channels }) => (channels.length > 0 ? [userId] : []))
    if (users.length > 0) {
      const hour = Math.floor(now / HOUR_MS) * HOUR_MS
      const sent = await announceStore.sentSince(tx, [...new Set(users)], hour)
      const departures = new Departures(now, hour + HOUR_MS, sent)
      await announceStore.insertOutbox(
        tx,
        ways.flatMap((one) => outboxOf(one, departures)),
        now,
      )
      const deliveries = ways.flatMap((one) => deliveriesOf(one, departures, newId))
      await announceStore.insertDeliveries(tx, deliveries, now)
    }
    return fresh.map(({ userId, notification }) => ({ userId, notification }))
  }
}

const HOUR_MS = 3_600_000
/** Messages to one user by one way, within a full hour. */
const MOST_AN_HOUR = 30
const NEVER_HELD: readonly NotificationKind[] = ['test', 'webhook:disabled']

type Composed = ReturnType<typeof compose>
type OnItsWay = Composed & { readonly channels: readonly Channel[] }

function compose({ userId, kind, key, words, data, channels, at }: News, addressee: Addressee, id: string) {
  const { title, body } = words(addressee)
  const notification = { id, kind, at: new Date(at).toISOString(), title, body, data, seenAt: null }
  return { userId, key, addressee, chosen: channels, notification }
}

/** The ways that lead somewhere. */
function channelsOf(
  { addressee, chosen, notification }: Composed,
  emailConfigured: boolean,
): readonly Channel[] {
  const leads = {
    email: emailConfigured && addressee.isEmailConfirmed,
    push: addressee.subscriptions.length > 0,
    webhook: webhooksOf(addressee, notification.kind).length > 0,
  }
  return (chosen ?? addressee.channels).filter((channel) => leads[channel])
}

function webhooksOf({ webhooks }: Addressee, kind: NotificationKind): Addressee['webhooks'] {
  return webhooks.filter(({ events }) => events.length === 0 || events.includes(kind))
}

function outboxOf(one: OnItsWay, departures: Departures): readonly OutboxRow[] {
  const { userId, addressee, channels, notification } = one
  const topics = (['email', 'push'] as const).filter((topic) => channels.includes(topic))
  return topics.flatMap((topic) => {
    const departure = departures.next(one, topic)
    const targets = topic === 'email' ? [''] : addressee.subscriptions
    return targets.map((target) => ({ userId, notificationId: notification.id, topic, target, ...departure }))
  })
}

function deliveriesOf(one: OnItsWay, departures: Departures, newId: () => string): readonly DeliveryRow[] {
  const { addressee, channels, notification } = one
  if (!channels.includes('webhook')) return []
  const webhooks = webhooksOf(addressee, notification.kind)
  const toChats = webhooks.some(({ format }) => format !== 'standard')
    ? departures.next(one, 'webhook')
    : null
  return webhooks.map(({ id: webhookId, format }) => ({
    ...{ id: newId(), webhookId, notificationId: notification.id },
    ...(format === 'standard' || toChats === null ? departures.atOnce : toChats),
  }))
}

/** When the messages of one call may leave, in the order in which they are asked about. */
class Departures {
  readonly atOnce: Departure
  readonly #now: number
  readonly #nextHour: number
  /** By `user channel`, in this hour. */
  readonly #sent: Map<string, number>
  readonly #quietUntil = new Map<string, number | null>()

  constructor(now: number, nextHour: number, sent: ReadonlyMap<string, number>) {
    this.atOnce = { at: now, isHeld: false }
    this.#now = now
    this.#nextHour = nextHour
    this.#sent = new Map(sent)
  }

  next({ addressee, notification }: Composed, channel: Channel): Departure {
    if (NEVER_HELD.includes(notification.kind)) return this.atOnce
    const until = this.#quiet(addressee)
    if (until !== null) return { at: until, isHeld: true }
    const key = `${addressee.userId} ${channel}`
    const count = this.#sent.get(key) ?? 0
    if (count >= MOST_AN_HOUR) return { at: this.#nextHour, isHeld: true }
    this.#sent.set(key, count + 1)
    return this.atOnce
  }

  /** The same for all who share a zone and quiet hours. */
  #quiet({ quietHours, timeZone }: Addressee): number | null {
    if (quietHours === null) return null
    const key = `${timeZone} ${quietHours.from} ${quietHours.to}`
    const known = this.#quietUntil.get(key)
    if (known !== undefined) return known
    const until = heldUntil(quietHours, timeZone, this.#now)
    this.#quietUntil.set(key, until)
    return until
  }
}
