import type { Tx } from '../database/database.js'
import type { Session as SessionRow, User as UserRow } from '../generated/prisma/client.js'
import type { Client } from '../http/context.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import { COMMITTED } from '../http/store.js'
import type { Page, Role, SessionSummary, User } from '../protocol/resources.js'
import type { ProfileChange, Registration } from './schema.js'

/**
 * Users, their sessions and the sessions' refresh tokens. A session is live until it is revoked, until its idle
 * end (pushed on by each refresh) and never beyond its last end, which counts from the sign-in.
 */
const DAY_MS = 24 * 3600 * 1000
const IDLE_MS = 30 * DAY_MS
const LIFE_MS = 90 * DAY_MS
/** How long ended sessions are remembered, so that an old token is still known for what it is. */
const REMEMBERED_MS = 30 * DAY_MS

export interface Account {
  readonly user: User
  readonly passwordHash: string
  readonly disabled: boolean
}

export interface OpenSession {
  readonly id: string
  readonly userId: string
  readonly role: Role
  /** ms since the epoch */
  readonly endsAt: number
}

type Hash = Uint8Array<ArrayBuffer>

export async function findByEmail(tx: Tx, email: string): Promise<Account | null> {
  const row = await tx.user.findUnique({ where: { email } })
  return row && toAccount(row)
}

export async function findById(tx: Tx, id: string): Promise<Account | null> {
  const row = await tx.user.findUnique({ where: { id } })
  return row && toAccount(row)
}

/** Locks the user's row until the end of the transaction. */
export async function lockById(tx: Tx, id: string): Promise<Account | null> {
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${id}::uuid FOR UPDATE`
  return findById(tx, id)
}

/** Fails as a duplicate (database/failures.ts) when the address is taken; needs the system's transaction. */
export async function insertUser(
  tx: Tx,
  input: Registration,
  passwordHash: string,
  now: number,
): Promise<User> {
  const { email, name, baseCurrency, timeZone, locale } = input
  const createdAt = new Date(now)
  const data = { email, name, baseCurrency, timeZone, locale, passwordHash, createdAt, updatedAt: createdAt }
  return toUser(await tx.user.create({ data }))
}

/** What makes a registration known when it is repeated; `hash` is of all of it but the password. */
export interface RegistrationKey {
  readonly key: string
  readonly hash: string
}

export async function keepRegistration(
  tx: Tx,
  userId: string,
  { key, hash }: RegistrationKey,
  now: number,
): Promise<void> {
  const request = { method: 'POST', path: '/v1/auth/register', requestHash: hash }
  await tx.idempotencyKey.create({
    data: { userId, key, ...request, status: COMMITTED, createdAt: new Date(now) },
  })
}

/** The account that was made under this key since then. */
export async function findRegistered(
  tx: Tx,
  email: string,
  { key, hash }: RegistrationKey,
  since: number,
): Promise<Account | null> {
  const row = await tx.user.findUnique({
    where: {
      email,
      disabledAt: null,
      idempotencyKeys: { some: { key, requestHash: hash, createdAt: { gte: new Date(since) } } },
    },
  })
  return row && toAccount(row)
}

export async function updateProfile(tx: Tx, id: string, change: ProfileChange, now: number): Promise<User> {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  // Zone and currency change what the holdings are worth, so whoever shows them has to load them again.
  const revalued = change.baseCurrency !== undefined || change.timeZone !== undefined
  const version = revalued ? { holdingsVersion: { increment: 1 } } : {}
  const data = { ...given, ...version, updatedAt: new Date(now) }
  return toUser(await tx.user.update({ where: { id }, data }))
}

/**
 * Replaces the hash, provided that it still is `seen` and the user is not disabled; false when it is not. Locks
 * the row, so that a sign-in by the old password and its change cannot pass each other by.
 */
export async function replaceHash(tx: Tx, id: string, seen: string, next: string): Promise<boolean> {
  const where = { id, passwordHash: seen, disabledAt: null }
  return (await tx.user.updateMany({ where, data: { passwordHash: next } })).count === 1
}

/** Whether there is such a user; the sessions that are open have the new role with their next request. */
export async function setRole(tx: Tx, email: string, role: Role): Promise<boolean> {
  return (await tx.user.updateMany({ where: { email }, data: { role } })).count === 1
}

export async function deleteUser(tx: Tx, id: string, seenHash: string): Promise<boolean> {
  return (await tx.user.deleteMany({ where: { id, passwordHash: seenHash } })).count === 1
}

export async function openSession(
  tx: Tx,
  user: User,
  hash: Hash,
  client: Client,
  now: number,
): Promise<OpenSession> {
  const createdAt = new Date(now)
  const expiresAt = new Date(now + IDLE_MS)
  await forgetEnded(tx, user.id, now)
  const row = await tx.session.create({
    data: { userId: user.id, createdAt, lastUsedAt: createdAt, expiresAt, ...client },
  })
  await insertToken(tx, row, hash, now)
  return { id: row.id, userId: user.id, role: user.role, endsAt: expiresAt.getTime() }
}

async function forgetEnded(tx: Tx, userId: string, now: number): Promise<void> {
  const before = { lt: new Date(now - REMEMBERED_MS) }
  await tx.session.deleteMany({ where: { userId, OR: [{ revokedAt: before }, { expiresAt: before }] } })
}

async function insertToken(tx: Tx, session: SessionRow, hash: Hash, now: number): Promise<void> {
  const { userId, id: sessionId, expiresAt } = session
  await tx.refreshToken.create({ data: { hash, userId, sessionId, createdAt: new Date(now), expiresAt } })
}

export async function ownerOfToken(tx: Tx, hash: Hash): Promise<string | null> {
  return (await tx.refreshToken.findUnique({ where: { hash }, select: { userId: true } }))?.userId ?? null
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly user: User; readonly session: OpenSession }
  | { readonly kind: 'reused'; readonly userId: string; readonly sessionId: string }
  | { readonly kind: 'refused' }

/**
 * Takes one refresh token and puts another in its place. Of several that bring the same token at once, the
 * update of `usedAt` lets one pass; for each other one the token is an old one, and an old one ends its session.
 */
export async function rotate(tx: Tx, old: Hash, next: Hash, now: number): Promise<Rotation> {
  const token = await tx.refreshToken.findUnique({ where: { hash: old } })
  if (token === null) return { kind: 'refused' }
  const { userId, sessionId } = token
  const at = new Date(now)
  const taken = await tx.refreshToken.updateMany({ where: { hash: old, usedAt: null }, data: { usedAt: at } })
  if (taken.count === 0) {
    const ended = await endSessions(tx, { userId, id: sessionId }, now)
    return ended.length === 0 ? { kind: 'refused' } : { kind: 'reused', userId, sessionId }
  }
  const kept = await tx.session.findUnique({ where: { id: sessionId }, include: { user: true } })
  if (kept === null || kept.user.disabledAt !== null) return { kind: 'refused' }
  const expiresAt = new Date(Math.min(now + IDLE_MS, kept.createdAt.getTime() + LIFE_MS))
  const pushed = await tx.session.updateMany({
    where: { id: sessionId, revokedAt: null, expiresAt: { gt: at } },
    data: { lastUsedAt: at, expiresAt },
  })
  if (pushed.count === 0) return { kind: 'refused' }
  await tx.refreshToken.deleteMany({ where: { userId, sessionId, expiresAt: { lt: at } } })
  await insertToken(tx, { ...kept, expiresAt }, next, now)
  const user = toUser(kept.user)
  return {
    kind: 'rotated',
    user,
    session: { id: sessionId, userId, role: user.role, endsAt: expiresAt.getTime() },
  }
}

/** Revokes those of the user's live sessions that are meant; hands back their ids. */
export async function endSessions(
  tx: Tx,
  which: { readonly userId: string; readonly id?: string | { readonly not: string } },
  now: number,
): Promise<string[]> {
  const at = new Date(now)
  const live = { ...which, revokedAt: null, expiresAt: { gt: at } }
  const rows = await tx.session.updateManyAndReturn({
    where: live,
    data: { revokedAt: at },
    select: { id: true },
  })
  return rows.map((row) => row.id)
}

/**
 * The session with its user's role, when both are good. Every request asks this, so it is one statement in SQL,
 * which costs a third less than the same through the query builder.
 */
export async function findLive(
  tx: Tx,
  userId: string,
  sessionId: string,
  now: number,
): Promise<{ role: Role } | null> {
  const rows = await tx.$queryRaw<{ role: Role }[]>`
    SELECT users.role::text AS role
    FROM sessions JOIN users ON users.id = sessions.user_id
    WHERE sessions.id = ${sessionId}::uuid AND sessions.user_id = ${userId}::uuid
      AND sessions.revoked_at IS NULL AND sessions.expires_at > ${new Date(now)}::timestamptz
      AND users.disabled_at IS NULL`
  return rows[0] ?? null
}

export async function listLive(
  tx: Tx,
  userId: string,
  currentId: string,
  now: number,
  ask: PageAsk,
): Promise<Page<SessionSummary>> {
  const { where, ...order } = pageClause(ask)
  const rows = await tx.session.findMany({
    where: { userId, revokedAt: null, expiresAt: { gt: new Date(now) }, ...where },
    ...order,
  })
  return pageOf(rows, ask.limit, (row) => ({
    id: row.id,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    userAgent: row.userAgent,
    address: row.address,
    current: row.id === currentId,
  }))
}

function toAccount(row: UserRow): Account {
  return { user: toUser(row), passwordHash: row.passwordHash, disabled: row.disabledAt !== null }
}

function toUser(row: UserRow): User {
  const { id, email, name, role, baseCurrency, timeZone, locale, monthStartDay } = row
  return {
    id,
    email,
    name,
    role,
    baseCurrency,
    timeZone,
    locale,
    monthStartDay,
    createdAt: row.createdAt.toISOString(),
  }
}

/** Those of the given sessions that are no longer good; for the system alone. */
export async function endedAmong(tx: Tx, sessionIds: readonly string[], now: number): Promise<string[]> {
  const rows = await tx.session.findMany({
    where: {
      id: { in: [...sessionIds] },
      revokedAt: null,
      expiresAt: { gt: new Date(now) },
      user: { disabledAt: null },
    },
    select: { id: true },
  })
  const good = new Set(rows.map((row) => row.id))
  return sessionIds.filter((id) => !good.has(id))
}
