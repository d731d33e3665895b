import type { Tx } from '../database/database.js'
import { type PageAsk, pageClause, pageOf } from '../http/pages.js'
import type { PushSubscription } from '../protocol/notifications.js'
import type { Page } from '../protocol/resources.js'
import type { Browser, Outcome, Recipient } from './way.js'

export interface NewBrowser {
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
  readonly userAgent: string | null
}

const SHOWN = { id: true, endpoint: true, userAgent: true, createdAt: true, lastUsedAt: true } as const

/** Everything below works inside the transaction of one user (Database.asUser), unless it says otherwise. */
export const pushStore = {
  async list(tx: Tx, userId: string, ask: PageAsk): Promise<Page<PushSubscription>> {
    const { where, ...rest } = pageClause(ask)
    const rows = await tx.pushSubscription.findMany({ where: { userId, ...where }, select: SHOWN, ...rest })
    return pageOf(rows, ask.limit, toSubscription)
  },

  async find(tx: Tx, userId: string, id: string): Promise<PushSubscription | null> {
    const row = await tx.pushSubscription.findFirst({ where: { userId, id }, select: SHOWN })
    return row && toSubscription(row)
  },

  /** How many there are beside that of this endpoint; nobody adds one until the transaction ends. */
  async countOthers(tx: Tx, userId: string, endpoint: string): Promise<number> {
    await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
    return tx.pushSubscription.count({ where: { userId, endpoint: { not: endpoint } } })
  },

  /** One for each endpoint: what is there already takes the new keys. */
  async upsert(tx: Tx, userId: string, { endpoint, ...more }: NewBrowser): Promise<PushSubscription> {
    const row = await tx.pushSubscription.upsert({
      where: { userId_endpoint: { userId, endpoint } },
      create: { userId, endpoint, ...more },
      update: more,
      select: SHOWN,
    })
    return toSubscription(row)
  },

  /** False when there is none. */
  async remove(tx: Tx, userId: string, id: string): Promise<boolean> {
    const { count } = await tx.pushSubscription.deleteMany({ where: { userId, id } })
    return count > 0
  },

  async browsers(tx: Tx, userId: string): Promise<readonly Browser[]> {
    return tx.pushSubscription.findMany({
      where: { userId },
      select: { id: true, endpoint: true, p256dh: true, auth: true },
      orderBy: { id: 'asc' },
    })
  },

  async recipient(tx: Tx, userId: string): Promise<Recipient | null> {
    const row = await tx.user.findUnique({
      where: { id: userId },
      select: { email: true, confirmedEmail: true, name: true, locale: true, timeZone: true },
    })
    if (!row) return null
    const { confirmedEmail, ...rest } = row
    return { userId, ...rest, isEmailConfirmed: confirmedEmail === row.email }
  },

  /** What a browser is told of one user is not for whoever uses it next; for the system alone. */
  async takeFromOthers(tx: Tx, userId: string, { endpoint, p256dh, auth }: NewBrowser): Promise<void> {
    await tx.pushSubscription.deleteMany({ where: { endpoint, p256dh, auth, userId: { not: userId } } })
  },

  /** Notes down what an attempt has told of a subscription; of the system or its user. */
  async settle(tx: Tx, { id }: Browser, { kind }: Outcome, now: number): Promise<void> {
    if (kind === 'gone') await tx.pushSubscription.deleteMany({ where: { id } })
    if (kind === 'sent')
      await tx.pushSubscription.updateMany({ where: { id }, data: { lastUsedAt: new Date(now) } })
  },
}

interface Row {
  readonly id: string
  readonly endpoint: string
  readonly userAgent: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

function toSubscription({ createdAt, lastUsedAt, ...row }: Row): PushSubscription {
  return {
    ...row,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }
}
