import type { Session, SessionSummary, User } from '../../src/protocol/resources.js'
import { HartaError } from './errors.js'
import type { Http } from './http.js'
import { guard, type Report, type Store } from './listeners.js'
import { patient, type Request } from './request.js'
import { type Collection, collection } from './resource.js'
import type { HeldSession, Renew, SessionKeeper } from './session.js'

export interface Credentials {
  readonly email: string
  readonly password: string
}

export interface Registration extends Credentials {
  readonly name?: string
  readonly baseCurrency?: string
  readonly timeZone?: string
  readonly locale?: string
}

export interface Auth {
  /** Settled once a session kept from an earlier page load has been read. */
  readonly ready: Promise<void>
  /** Who is signed in. */
  readonly user: User | null
  readonly store: Store<HeldSession | null>
  register(registration: Registration): Promise<User>
  login(credentials: Credentials): Promise<User>
  /** New tokens now; otherwise this happens by itself. */
  refresh(): Promise<User>
  /** Forgets the session here whatever happens, and ends it on the server when that can be reached. */
  logout(): Promise<void>
  /** Calls back when somebody signs in or out, also in another tab; answers how to stop. */
  onChange(callback: (user: User | null) => unknown): () => void
}

/**
 * `begin` asks for a session with what the user typed. A registration may be repeated, for the server knows it by
 * its key; signing in is not repeated after a network failure.
 */
export function createAuth(http: Http, session: SessionKeeper, renew: Renew, report: Report): Auth {
  const begin = async (path: string, body: unknown, repeatable: boolean): Promise<User> => {
    const got = (await http({ method: 'POST', path, body, token: null, repeatable })) as Session
    await session.hold(got)
    return got.user
  }
  return {
    ready: session.ready,
    get user() {
      return session.getSnapshot()?.user ?? null
    },
    store: { subscribe: session.subscribe, getSnapshot: session.getSnapshot },
    register: (registration) => begin('/v1/auth/register', registration, true),
    login: (credentials) => begin('/v1/auth/login', credentials, false),
    refresh: async () => (await session.renew()).user,
    logout: async () => {
      const held = session.getSnapshot()
      await session.hold(null)
      if (held === null) return
      const end = (token: string): Promise<unknown> =>
        http({ method: 'POST', path: '/v1/auth/logout', token })
      try {
        await end(held.accessToken).catch(async (error: unknown) => {
          if (!(error instanceof HartaError) || error.status !== 401) throw error
          await end((await renew(held.refreshToken)).accessToken)
        })
      } catch {
        // Out of reach, or ended already: nothing is left to do here.
      }
    },
    onChange: (callback) => {
      let last = session.getSnapshot()?.user.id
      return session.subscribe(() => {
        const user = session.getSnapshot()?.user ?? null
        if (user?.id === last) return
        last = user?.id
        guard(() => callback(user), report)
      })
    },
  }
}

/** What a user may change of their own profile. */
export type ProfileChange = Partial<
  Pick<User, 'name' | 'baseCurrency' | 'timeZone' | 'locale' | 'monthStartDay'>
>

export interface PasswordChange {
  readonly currentPassword: string
  readonly newPassword: string
}

export interface Me {
  get(): Promise<User>
  update(change: ProfileChange): Promise<User>
  /** Everything that is kept of the user, as the import takes it back. */
  export(): Promise<unknown>
  /** Ends every session; here a new one takes the old one's place. */
  changePassword(change: PasswordChange): Promise<User>
  /** Where the user is signed in; removing one signs out there. */
  readonly sessions: Pick<Collection<SessionSummary, never>, 'list' | 'remove'>
}

export function createMe(request: Request, session: SessionKeeper): Me {
  const path = '/v1/me'
  const kept = async (user: User): Promise<User> => {
    await session.rename(user)
    return user
  }
  return {
    get: async () => kept(await request('GET', path)),
    update: async (body) => kept(await request('PATCH', path, { body })),
    changePassword: async (body) => {
      const next = await request<Session>('PUT', `${path}/password`, { body, repeatable: false })
      await session.hold(next)
      return next.user
    },
    sessions: collection(request, `${path}/sessions`),
    export: () => patient(request)('GET', `${path}/export`),
  }
}
