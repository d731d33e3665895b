import { createHash } from 'node:crypto'
import type { Database, Tx } from '../database/database.js'
import { isDuplicate } from '../database/failures.js'
import type { Claims } from '../http/authenticate.js'
import { type Actor, addressKey, type Client } from '../http/context.js'
import type { Limits } from '../http/limits.js'
import type { PageAsk } from '../http/pages.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Page, Session, SessionSummary, User } from '../protocol/resources.js'
import { createPasswords } from './passwords.js'
import type { Credentials, ProfileChange, Registration } from './schema.js'
import * as store from './store.js'
import { createRefreshToken, hashRefreshToken, type Tokens } from './tokens.js'

/** A session that has ended; with `sessionId` null all of the user's. */
export interface SessionEnd {
  readonly userId: string
  readonly sessionId: string | null
}

export interface AccountsOptions {
  readonly db: Database
  readonly tokens: Tokens
  readonly bcryptCost: number
  readonly limits: Limits
  readonly clock: Clock
  /** Told after the commit; closes sockets. Must not throw. */
  readonly sessionEnded: (end: SessionEnd) => void
  /** Told after the commit when base currency or time zone have changed. Must not throw. */
  readonly profileChanged: (userId: string) => void
  /** Gives a new user what he finds at the beginning, in the transaction that makes him. */
  readonly welcome?: (tx: Tx, user: { readonly userId: string; readonly locale: string }) => Promise<void>
}

export interface Registered {
  readonly session: Session
  /** Whether an earlier request with the same key has made the account. */
  readonly isRepeated: boolean
}

/** For how long a registration may be repeated. */
const REPEATED_MS = 60_000

export type Accounts = ReturnType<typeof accounts>

/**
 * Who somebody is. A password is always worked on before an answer that depends on it, so that neither answer
 * nor time tells whether an address is known; what was decided on a hash holds only while the hash still stands.
 */
export function accounts(options: AccountsOptions) {
  const { db, tokens, limits, clock, sessionEnded, profileChanged } = options
  const passwords = createPasswords({ cost: options.bcryptCost })

  return {
    /**
     * Throws AppError conflict `email-taken`. Whoever repeats a registration with its key within a minute, because
     * the answer was lost on its way, is signed in to the account that it has made.
     */
    async register(input: Registration, client: Client, key: string | null = null): Promise<Registered> {
      await limits.consume('register-address', addressKey(client.address))
      const hash = await passwords.hash(input.password)
      const refresh = createRefreshToken()
      const now = clock.now()
      const opened = await db
        .asSystem(async (tx) => {
          const user = await store.insertUser(tx, input, hash, now)
          await options.welcome?.(tx, { userId: user.id, locale: user.locale })
          if (key !== null) await store.keepRegistration(tx, user.id, registrationKey(key, input), now)
          return { user, session: await store.openSession(tx, user, refresh.hash, client, now) }
        })
        .catch((error: unknown) => {
          if (!isDuplicate(error)) throw error
          return null
        })
      if (opened) return { session: answer(opened.user, opened.session, refresh.token), isRepeated: false }
      const session = key === null ? null : await repeat(input, client, registrationKey(key, input))
      if (session) return { session, isRepeated: true }
      const detail = 'There is an account with this e-mail address already.'
      throw new AppError('conflict', 'email-taken', detail)
    },

    /** Throws AppError unauthenticated `credentials-wrong`, the same for an unknown address; forbidden `account-disabled`. */
    async login(input: Credentials, client: Client): Promise<Session> {
      const address = addressKey(client.address)
      await limits.consume('sign-in-address', address)
      await limits.consume('sign-in-account', input.email)
      const account = await db.asSystem((tx) => store.findByEmail(tx, input.email))
      const known = await passwords.matches(input.password, account?.passwordHash ?? null)
      if (!account || !known) throw credentialsWrong()
      if (account.disabled) throw new AppError('forbidden', 'account-disabled', 'This account is disabled.')
      const signedIn = await openSession(
        account,
        await upToDate(input.password, account.passwordHash),
        client,
      )
      await limits.giveBack('sign-in-address', address)
      await limits.reset('sign-in-account', input.email)
      return signedIn
    },

    /** Throws AppError unauthenticated `refresh-token-invalid`; one that was used before ends its session. */
    async refresh(refreshToken: string, client: Client): Promise<Session> {
      await limits.consume('refresh-address', addressKey(client.address))
      const old = hashRefreshToken(refreshToken)
      const owner = await db.asSystem((tx) => store.ownerOfToken(tx, old))
      if (owner === null) throw refreshRefused()
      await limits.consume('refresh-account', owner)
      const next = createRefreshToken()
      // Refusing happens outside of the transaction, because what it has revoked must be committed.
      const rotation = await db.asSystem((tx) => store.rotate(tx, old, next.hash, clock.now()))
      if (rotation.kind === 'rotated') return answer(rotation.user, rotation.session, next.token)
      if (rotation.kind === 'reused') sessionEnded({ userId: rotation.userId, sessionId: rotation.sessionId })
      throw refreshRefused()
    },

    /** The actor of these claims, when session and user are good still; throws AppError unauthenticated `session-ended`. */
    live,

    /** Everything that makes an access token good: signature, times, session, user. For REST and socket alike. */
    authenticate: async (token: string): Promise<Actor> => live(tokens.verify(token)),

    async logout(actor: Actor): Promise<void> {
      await endSession(actor.userId, actor.sessionId)
    },

    async user(userId: string): Promise<User> {
      return existing(await db.asUser(userId, (tx) => store.findById(tx, userId))).user
    },

    /** `check` sees the user as it stands, under lock, and may throw. */
    async changeProfile(userId: string, change: ProfileChange, check: (user: User) => void): Promise<User> {
      const { before, after } = await db.asUser(userId, async (tx) => {
        const { user } = existing(await store.lockById(tx, userId))
        check(user)
        return { before: user, after: await store.updateProfile(tx, userId, change, clock.now()) }
      })
      if (before.baseCurrency !== after.baseCurrency || before.timeZone !== after.timeZone)
        profileChanged(userId)
      return after
    },

    /** Ends every session, the asking one too, and answers a fresh one. */
    async changePassword(userId: string, current: string, next: string, client: Client): Promise<Session> {
      const account = await confirm(userId, current)
      const hash = await passwords.hash(next)
      const refresh = createRefreshToken()
      const now = clock.now()
      const session = await db.asUser(userId, async (tx) => {
        if (!(await store.replaceHash(tx, userId, account.passwordHash, hash))) throw passwordWrong()
        await store.endSessions(tx, { userId }, now)
        return store.openSession(tx, account.user, refresh.hash, client, now)
      })
      sessionEnded({ userId, sessionId: null })
      return answer(account.user, session, refresh.token)
    },

    /** Removes the user and everything that is the user's. */
    async remove(userId: string, password: string, check: (user: User) => void): Promise<void> {
      const account = await confirm(userId, password)
      check(account.user)
      const gone = await db.asUser(userId, (tx) => store.deleteUser(tx, userId, account.passwordHash))
      if (!gone) throw passwordWrong()
      sessionEnded({ userId, sessionId: null })
    },

    sessions: (actor: Actor, ask: PageAsk): Promise<Page<SessionSummary>> =>
      db.asUser(actor.userId, (tx) => store.listLive(tx, actor.userId, actor.sessionId, clock.now(), ask)),

    /** Throws AppError missing `not-found`. */
    async endSession(userId: string, sessionId: string): Promise<void> {
      if ((await endSession(userId, sessionId)) === 0) {
        throw new AppError('missing', 'not-found', 'There is no such session.')
      }
    },

    async endOtherSessions({ userId, sessionId }: Actor): Promise<void> {
      const others = { userId, id: { not: sessionId } }
      const ended = await db.asUser(userId, (tx) => store.endSessions(tx, others, clock.now()))
      for (const id of ended) sessionEnded({ userId, sessionId: id })
    },
  }

  function answer(user: User, session: store.OpenSession, refreshToken: string): Session {
    const access = tokens.issue({
      userId: user.id,
      sessionId: session.id,
      role: user.role,
      sessionEndsAt: session.endsAt,
    })
    return {
      user,
      accessToken: access.token,
      expiresAt: new Date(access.expiresAt).toISOString(),
      refreshToken,
    }
  }

  /** A session of the account that this registration has made a moment ago; its password counts as a sign-in does. */
  async function repeat(
    input: Registration,
    client: Client,
    key: store.RegistrationKey,
  ): Promise<Session | null> {
    const since = clock.now() - REPEATED_MS
    const account = await db.asSystem((tx) => store.findRegistered(tx, input.email, key, since))
    if (account === null) return null
    await limits.consume('sign-in-account', input.email)
    if (!(await passwords.matches(input.password, account.passwordHash))) return null
    await limits.reset('sign-in-account', input.email)
    return openSession(account, { seen: account.passwordHash, next: account.passwordHash }, client)
  }

  async function live({ userId, sessionId, expiresAt }: Claims): Promise<Actor> {
    const found = await db.asUser(userId, (tx) => store.findLive(tx, userId, sessionId, clock.now()))
    if (found === null)
      throw new AppError('unauthenticated', 'session-ended', 'This session has ended; sign in again.')
    return { userId, sessionId, role: found.role, expiresAt }
  }

  /** The hash to keep: made anew when the one at hand was made at a lower cost, unless that has to wait too long. */
  async function upToDate(
    password: string,
    hash: string,
  ): Promise<{ readonly seen: string; readonly next: string }> {
    if (!passwords.isWeak(hash)) return { seen: hash, next: hash }
    const next = await passwords.hash(password).catch(() => hash)
    return { seen: hash, next }
  }

  async function openSession(
    account: store.Account,
    hash: { readonly seen: string; readonly next: string },
    client: Client,
  ): Promise<Session> {
    const refresh = createRefreshToken()
    const session = await db.asSystem(async (tx) => {
      if (!(await store.replaceHash(tx, account.user.id, hash.seen, hash.next))) throw credentialsWrong()
      return store.openSession(tx, account.user, refresh.hash, client, clock.now())
    })
    return answer(account.user, session, refresh.token)
  }

  /** The account, when this is its password; guesses count as sign-ins do. */
  async function confirm(userId: string, password: string): Promise<store.Account> {
    const account = existing(await db.asUser(userId, (tx) => store.findById(tx, userId)))
    await limits.consume('sign-in-account', account.user.email)
    if (!(await passwords.matches(password, account.passwordHash))) throw passwordWrong()
    await limits.reset('sign-in-account', account.user.email)
    return account
  }

  async function endSession(userId: string, sessionId: string): Promise<number> {
    const ended = await db.asUser(userId, (tx) =>
      store.endSessions(tx, { userId, id: sessionId }, clock.now()),
    )
    if (ended.length > 0) sessionEnded({ userId, sessionId })
    return ended.length
  }
}

/** The password is no part of the hash, which would be a quicker way to it than the one that is kept. */
function registrationKey(key: string, { password, ...profile }: Registration): store.RegistrationKey {
  return { key, hash: createHash('sha256').update(JSON.stringify(profile)).digest('base64url') }
}

function existing(account: store.Account | null): store.Account {
  if (account === null) throw new AppError('unauthenticated', 'session-ended', 'This account is no more.')
  return account
}

function credentialsWrong(): AppError {
  return new AppError('unauthenticated', 'credentials-wrong', 'E-mail address or password are wrong.')
}

function passwordWrong(): AppError {
  return new AppError('forbidden', 'password-wrong', 'The password is wrong.')
}

function refreshRefused(): AppError {
  return new AppError(
    'unauthenticated',
    'refresh-token-invalid',
    'The refresh token is not valid; sign in again.',
  )
}
