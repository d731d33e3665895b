import { commands } from '../../src/protocol/events.js'
import type {
  Channel,
  Notification,
  NotificationKind,
  NotificationPage,
  NotificationSettings,
  NotificationSettingsChange,
  SentConfirmation,
} from '../../src/protocol/notifications.js'
import type { Connection } from './connection.js'
import { guard, Listeners, type Report, type Store } from './listeners.js'
import type { Request } from './request.js'
import { type Collection, collection, type Listing, listing, type PageSize } from './resource.js'
import { jitter, pause, type Random } from './retry.js'

const PATH = '/v1/notifications'
/** What the inbox keeps, and one page brings. */
const KEPT = 100
const REMEMBERED = 500

/** `notification:new` is every notification; a kind is those of it. */
export type NotificationEvent = 'notification:new' | NotificationKind

export interface Inbox {
  /** Newest first, the last hundred. */
  readonly items: readonly Notification[]
  /** How many have not been seen, in all. */
  readonly unseen: number
}

export interface SeenNotice {
  readonly ids: readonly string[]
  readonly unseen: number
}

export interface NotificationFilter {
  readonly unseen?: boolean
  readonly kind?: NotificationKind
}

/** What became of a trial: how many messages were taken, and why others were not. */
export interface Tried {
  readonly sent: number
  readonly failed: readonly string[]
}

interface Taker {
  readonly event: NotificationEvent
  readonly take: (notification: Notification) => unknown
}

/**
 * What the user is told, live. With each connection the server sends again what is unseen, and one id is handed to
 * callbacks once; the inbox is loaded then, for what was seen elsewhere meanwhile.
 */
export class Notifications {
  /** The inbox, null until it is known; subscribing keeps it live. */
  readonly store: Store<Inbox | null>
  /** How the user wants to be told. */
  readonly settings: {
    get(): Promise<NotificationSettings>
    update(change: NotificationSettingsChange): Promise<NotificationSettings>
  }
  readonly #connection: () => Connection
  readonly #request: Request
  readonly #all: Collection<Notification, never>
  readonly #report: Report
  readonly #random: Random
  readonly #listeners: Listeners
  readonly #takers = new Set<Taker>()
  readonly #handed = new Set<string>()
  #inbox: Inbox | null = null
  #readers = 0
  #loading = false
  /** Rises with everything that makes what is being loaded too old. */
  #turn = 0

  constructor(options: { connection: () => Connection; request: Request; report: Report; random: Random }) {
    const { request } = options
    this.#connection = options.connection
    this.#request = request
    this.#all = collection(request, PATH)
    this.#report = options.report
    this.#random = options.random
    this.#listeners = new Listeners(options.report)
    this.store = { subscribe: this.#subscribe, getSnapshot: () => this.#inbox }
    const path = `${PATH}/settings`
    this.settings = {
      get: () => request('GET', path),
      update: (body) => request('PATCH', path, { body }),
    }
  }

  /** Calls back with each notification of this kind, what was missed included; answers how to stop. */
  on(event: NotificationEvent, callback: (notification: Notification) => unknown): () => void {
    const taker = { event, take: callback }
    const release = this.#connection().claim()
    this.#takers.add(taker)
    return () => {
      this.#takers.delete(taker)
      release()
    }
  }

  /** Newest first; a page also tells how many are unseen in all. */
  list(query?: NotificationFilter & PageSize): Listing<Notification, NotificationPage> {
    return listing(this.#request, PATH, query)
  }

  get(id: string): Promise<Notification> {
    return this.#all.get(id)
  }

  /** Of a hundred ids at most, or of all: they are not sent again. */
  async seen(ids: readonly string[] | 'all'): Promise<void> {
    const connection = this.#connection()
    const isAll = ids === 'all'
    if (!isAll && connection.state === 'connected') return connection.ask(commands.seen, { ids })
    const body = isAll ? { all: true } : { ids }
    const { unseen } = await this.#request<SeenNotice>('POST', `${PATH}/seen`, { body })
    this.see({ ids: isAll ? (this.#inbox?.items ?? []).map(({ id }) => id) : ids, unseen })
  }

  async remove(id: string): Promise<void> {
    await this.#all.remove(id)
    this.#change(({ items, unseen }) => {
      const left = items.filter((item) => item.id !== id)
      return { items: left, unseen: unseen - countUnseen(items) + countUnseen(left) }
    })
  }

  /** Sends the user a test by this way, now. */
  try(channel: Exclude<Channel, 'webhook'>): Promise<Tried> {
    return this.#request('POST', `${PATH}/try`, { body: { channel }, repeatable: false })
  }

  /** Has the link sent that confirms the user's address: nothing else is sent there before it was followed. */
  confirmEmail(): Promise<SentConfirmation> {
    return this.#request('POST', `${PATH}/email/confirmation`)
  }

  /** @internal */
  receive(notification: Notification): void {
    const { id, kind } = notification
    this.#change((inbox) => {
      const { items, unseen } = inbox
      const oldest = items[KEPT - 1]
      // What is older than all that is kept was counted when the inbox was loaded.
      if ((oldest && id < oldest.id) || items.some((item) => item.id === id)) return inbox
      const next = [notification, ...items].sort((a, b) => (a.id < b.id ? 1 : -1))
      return { items: next.slice(0, KEPT), unseen: unseen + 1 }
    })
    const takers = [...this.#takers].filter(({ event }) => event === kind || event === 'notification:new')
    if (takers.length === 0 || this.#handed.has(id)) return
    this.#handed.add(id)
    const [first] = this.#handed
    if (first !== undefined && this.#handed.size > REMEMBERED) this.#handed.delete(first)
    for (const { take } of takers) guard(() => take(notification), this.#report)
  }

  /** @internal */
  see({ ids, unseen }: SeenNotice): void {
    const seenAt = new Date().toISOString()
    this.#change(({ items }) => ({
      items: items.map((item) => (ids.includes(item.id) ? { ...item, seenAt } : item)),
      unseen,
    }))
  }

  /** @internal */
  connected(): void {
    void this.#load()
  }

  /** @internal */
  forget(): void {
    this.#handed.clear()
    this.#turn += 1
    this.#show(null)
  }

  readonly #subscribe = (listener: () => void): (() => void) => {
    const release = this.#connection().claim()
    const remove = this.#listeners.add(listener)
    this.#readers += 1
    if (this.#readers === 1) void this.#load()
    let held = true
    return () => {
      if (held) this.#readers -= 1
      held = false
      remove()
      release()
    }
  }

  #show(inbox: Inbox | null): void {
    if (inbox === this.#inbox) return
    this.#inbox = inbox
    this.#listeners.notify()
  }

  #change(change: (inbox: Inbox) => Inbox): void {
    this.#turn += 1
    if (this.#inbox) this.#show(change(this.#inbox))
  }

  /** Loads the inbox until nothing happened to it meanwhile; without a connection the next one begins again. */
  async #load(): Promise<void> {
    this.#turn += 1
    if (this.#loading) return
    this.#loading = true
    let failures = 0
    let loaded = -1
    while (loaded !== this.#turn && this.#readers > 0 && this.#connection().state === 'connected') {
      const turn = this.#turn
      try {
        const { data, unseen } = await this.list({ pageSize: KEPT }).page()
        loaded = turn
        if (turn === this.#turn) this.#show({ items: data, unseen })
      } catch {
        failures += 1
        await pause(1 + jitter(failures, 500, 20_000, this.#random))
      }
    }
    this.#loading = false
  }
}

function countUnseen(items: readonly Notification[]): number {
  return items.filter(({ seenAt }) => seenAt === null).length
}
