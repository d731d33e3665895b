import type { Log } from '../lib/log.js'
import { events } from '../protocol/events.js'
import type { Notification, NotificationKind } from '../protocol/notifications.js'
import { type Outlet, packetOf } from './outlet.js'

/** What a user has not seen, oldest first. */
export type ReadUnseen = (userId: string) => Promise<readonly Notification[]>

interface Reader {
  /** True while what is unseen is being read for it. */
  reading: boolean
  /** Ids that it was sent, the last of them. */
  readonly sent: Set<string>
}

const MOST_REMEMBERED = 256
/** Kinds that have an event of their own. */
const OWN_EVENTS: readonly NotificationKind[] = [events.alertFired, events.goalMilestone, events.goalReached]

/**
 * What users are told, on its way to their sockets of this node. A notification is an event: none is dropped for
 * a newer one, and each is a row before it is sent. A socket is sent what its user has not seen when it connects,
 * and then what comes:
 *
 *   owed --it can take something--> reading --sent--> live --too much waits for it--> owed
 *                                   reading --something came meanwhile, or reading failed--> owed
 *
 * So nothing is held in memory for a socket that does not read, or is not yet there. What it was sent before is
 * not sent to it again.
 */
export class SocketInbox {
  readonly #unseen: ReadUnseen
  readonly #log: Log
  readonly #readers = new Map<Outlet, Reader>()
  readonly #owed = new Set<Outlet>()

  constructor(options: { unseen: ReadUnseen; log: Log }) {
    this.#unseen = options.unseen
    this.#log = options.log
  }

  join(outlet: Outlet): void {
    const reader = { reading: false, sent: new Set<string>() }
    this.#readers.set(outlet, reader)
    void this.#read(outlet, reader)
  }

  leave(outlet: Outlet): void {
    this.#readers.delete(outlet)
    this.#owed.delete(outlet)
  }

  notify(outlets: Iterable<Outlet>, notification: Notification): void {
    const packets = packetsOf(notification)
    for (const outlet of outlets) {
      const reader = this.#readers.get(outlet)
      if (!reader) continue
      const mustWait = reader.reading || this.#owed.has(outlet)
      if (mustWait || !send(outlet, reader, notification.id, packets)) this.#owed.add(outlet)
    }
  }

  /** To be called every so often: gives those who were passed over what they missed. */
  catchUp(): void {
    for (const outlet of this.#owed) {
      const reader = this.#readers.get(outlet)
      if (reader && !reader.reading && outlet.writable) void this.#read(outlet, reader)
    }
  }

  async #read(outlet: Outlet, reader: Reader): Promise<void> {
    reader.reading = true
    try {
      let all = true
      do {
        this.#owed.delete(outlet)
        all = await this.#sendUnseen(outlet, reader)
      } while (all && this.#owed.has(outlet)) // something came meanwhile
      if (!all) this.#owe(outlet)
    } catch (error) {
      this.#owe(outlet)
      this.#log.warn({ err: error }, 'a socket could not be given what is unseen')
    }
    reader.reading = false
  }

  /** False when it cannot take all of it. */
  async #sendUnseen(outlet: Outlet, reader: Reader): Promise<boolean> {
    const unseen = await this.#unseen(outlet.socket.data.userId)
    return unseen.every(
      (notification) =>
        reader.sent.has(notification.id) || send(outlet, reader, notification.id, packetsOf(notification)),
    )
  }

  #owe(outlet: Outlet): void {
    if (this.#readers.has(outlet)) this.#owed.add(outlet)
  }
}

/** True when it was sent, now or before. */
function send(outlet: Outlet, reader: Reader, id: string, packets: readonly string[]): boolean {
  if (reader.sent.has(id)) return true
  if (!outlet.queue(packets)) return false
  reader.sent.add(id)
  if (reader.sent.size > MOST_REMEMBERED) {
    const [oldest] = reader.sent
    if (oldest !== undefined) reader.sent.delete(oldest)
  }
  return true
}

function packetsOf(notification: Notification): readonly string[] {
  const json = JSON.stringify(notification)
  const names = [events.notification, ...OWN_EVENTS.filter((name) => name === notification.kind)]
  return names.map((name) => packetOf(name, json))
}
