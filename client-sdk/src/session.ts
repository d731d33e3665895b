import type { Session, User } from '../../src/protocol/resources.js'
import { HartaError } from './errors.js'
import { Listeners, type Report, type Store } from './listeners.js'
import type { SessionStorage } from './session-storage.js'

/**
 * Who is signed in, and with which tokens. A refresh token works once, so a renewal is single-flight in this
 * page and, under a Web Lock, among all pages that share the storage: whoever gets the lock looks first
 * whether another page has renewed meanwhile, and takes its tokens instead of spending the old one again.
 */
export interface HeldSession extends Session {
  /** Local time of receipt, ms since the epoch. */
  readonly gotAt: number
}

export type Renew = (refreshToken: string) => Promise<Session>

/** An access token is renewed when less than this is left of it. */
const MARGIN_MS = 30_000
/** What one page writes into the storage reaches pages in other processes within this time. */
const STORAGE_LAG_MS = 150

export class SessionKeeper implements Store<HeldSession | null> {
  /** Settled once the storage has been read. */
  readonly ready: Promise<void>
  readonly #storage: SessionStorage
  readonly #renew: Renew
  readonly #lockName: string
  readonly #listeners: Listeners
  readonly #report: Report
  #held: HeldSession | null = null
  #renewing: Promise<HeldSession> | null = null
  #touched = false

  constructor(options: { storage: SessionStorage; renew: Renew; lockName: string; report: Report }) {
    this.#storage = options.storage
    this.#renew = options.renew
    this.#lockName = options.lockName
    this.#report = options.report
    this.#listeners = new Listeners(options.report)
    this.ready = this.#load()
  }

  getSnapshot = (): HeldSession | null => this.#held
  subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener)

  /** Takes a new session, or none, and keeps it in the storage. */
  async hold(session: Session | null): Promise<HeldSession | null> {
    const held = session === null ? null : { ...session, gotAt: Date.now() }
    this.#touched = true
    this.#take(held)
    await this.#keep(held)
    return held
  }

  /** Keeps the user's changed profile with the tokens. */
  async rename(user: User): Promise<void> {
    if (this.#held === null || this.#held.user.id !== user.id) return
    const held = { ...this.#held, user }
    this.#take(held)
    await this.#keep(held)
  }

  /** A token good for a request now: renewed before its end. Null when nobody is signed in. */
  async token(): Promise<string | null> {
    await this.ready
    const held = this.#held
    if (held === null) return null
    return (isEnding(held) ? await this.renew(held.accessToken) : held).accessToken
  }

  /**
   * New tokens in place of `used`, the access token that proved too old. Signs out when the server refuses
   * the refresh token. Throws HartaError `signed-out`, or whatever kept the server from answering.
   */
  renew(used = this.#held?.accessToken): Promise<HeldSession> {
    const held = this.#held
    if (held && held.accessToken !== used) return Promise.resolve(held)
    this.#renewing ??= this.#exclusively(() => this.#exchange(used)).finally(() => {
      this.#renewing = null
    })
    return this.#renewing
  }

  /** Reads the storage again, after another page has written it. */
  async reload(): Promise<void> {
    this.#take(await this.#stored())
  }

  async #load(): Promise<void> {
    const stored = this.#storedNow()
    const held = stored instanceof Promise ? await stored : stored
    if (!this.#touched && held !== null) this.#take(held)
  }

  async #exchange(used: string | undefined): Promise<HeldSession> {
    await this.ready
    const stored = await this.#stored()
    const mine = this.#held
    if (mine && stored && stored.user.id === mine.user.id && stored.gotAt > mine.gotAt) this.#take(stored)
    const current = this.#held
    if (current === null) throw new HartaError('signed-out', 'Nobody is signed in.')
    if (current.accessToken !== used && !isEnding(current)) return current
    try {
      const held = { ...(await this.#renew(current.refreshToken)), gotAt: Date.now() }
      if (this.#held !== current) throw new HartaError('signed-out', 'The session ended meanwhile.')
      this.#take(held)
      await this.#keep(held)
      return held
    } catch (error) {
      const refused = error instanceof HartaError && [400, 401, 403].includes(error.status)
      if (refused && this.#held === current) await this.hold(null)
      throw error
    }
  }

  /** One page after the other; a page that waited may see the storage a moment later than it gets the lock. */
  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const locks = typeof navigator === 'object' ? navigator.locks : undefined
    if (!locks) return work()
    return new Promise((resolve, reject) => {
      const held = locks.request(this.#lockName, async () => {
        await work().then(resolve, reject)
        await new Promise((done) => setTimeout(done, STORAGE_LAG_MS))
      })
      held.catch(reject)
    })
  }

  #take(held: HeldSession | null): void {
    if (held?.accessToken === this.#held?.accessToken && held?.user === this.#held?.user) return
    this.#held = held
    this.#listeners.notify()
  }

  async #keep(held: HeldSession | null): Promise<void> {
    try {
      await (held === null ? this.#storage.remove() : this.#storage.set(JSON.stringify(held)))
    } catch (error) {
      this.#report(error)
    }
  }

  async #stored(): Promise<HeldSession | null> {
    return this.#storedNow()
  }

  #storedNow(): HeldSession | null | Promise<HeldSession | null> {
    const failed = (error: unknown): null => {
      this.#report(error)
      return null
    }
    try {
      const text = this.#storage.get()
      return text instanceof Promise ? text.then(revive).catch(failed) : revive(text)
    } catch (error) {
      return failed(error)
    }
  }
}

/** What the storage held, or null when it is not a session. */
function revive(text: string | null): HeldSession | null {
  if (text === null) return null
  try {
    const value = JSON.parse(text) as Partial<HeldSession> | null
    const whole = [value?.accessToken, value?.refreshToken, value?.expiresAt, value?.user?.id].every(
      (part) => typeof part === 'string',
    )
    return whole ? ({ gotAt: 0, ...value } as HeldSession) : null
  } catch {
    return null
  }
}

/**
 * A clock that runs ahead would see every token as ended; so a token is believed for a moment after its
 * receipt, which bounds the renewals, and the server's 401 decides.
 */
function isEnding(held: HeldSession): boolean {
  const now = Date.now()
  return Date.parse(held.expiresAt) - now < MARGIN_MS && Math.abs(now - held.gotAt) > MARGIN_MS
}
