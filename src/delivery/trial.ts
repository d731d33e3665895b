import { randomUUID } from 'node:crypto'
import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Announce, Tell } from '../notifications/news.js'
import { messageWords } from './email-words.js'
import { pushStore } from './push-store.js'
import type { Item, Outcome, Parcel, Topic, Way } from './way.js'

export interface TrialOptions {
  readonly db: Database
  readonly announce: Announce
  readonly tell: Tell
  readonly ways: Readonly<Record<Topic, Way | null>>
  readonly clock: Clock
}

export interface Tried {
  /** Messages that were taken. */
  readonly sent: number
  /** Why others were not. */
  readonly failed: readonly string[]
}

/**
 * Sends a user a test by one way, now, and tells what became of it; the inbox has it in any case. Throws AppError
 * conflict `email-unconfirmed`.
 */
export type TryChannel = (userId: string, topic: Topic) => Promise<Tried>

export function createTryChannel({ db, announce, tell, ways, clock }: TrialOptions): TryChannel {
  return async (userId, topic) => {
    const way = ways[topic]
    if (way === null) return { sent: 0, failed: ['This server has no such way.'] }
    const { told, to, browsers } = await db.asUser(userId, async (tx) => {
      const to = await pushStore.recipient(tx, userId)
      if (to && topic === 'email' && !to.isEmailConfirmed) {
        const detail = 'This address is not confirmed yet; have the link sent to it first.'
        throw new AppError('conflict', 'email-unconfirmed', detail)
      }
      const browsers = topic === 'push' ? await pushStore.browsers(tx, userId) : [null]
      const told = await announce(tx, [
        {
          ...{ userId, kind: 'test', key: `test:${topic}:${randomUUID()}`, channels: [], at: clock.now() },
          words: ({ locale }) => messageWords(locale).trial,
          data: { channel: topic },
        },
      ])
      return { told, to, browsers }
    })
    tell(told)
    const [first] = told
    if (!to || !first) throw new AppError('unauthenticated', 'unauthenticated', 'This account is gone.')
    if (browsers.length === 0) return { sent: 0, failed: ['No browser has subscribed.'] }
    const { id, kind, title, body, at } = first.notification
    const item: Item = { id, kind, title, body, at: Date.parse(at) }
    const parcels = browsers.map((browser): Parcel => ({ to, items: [item], browser }))
    const outcomes = await Promise.all(parcels.map((parcel) => way.send(parcel)))
    await db.asUser(userId, async (tx) => {
      for (const [index, outcome] of outcomes.entries()) {
        const browser = browsers[index]
        if (browser) await pushStore.settle(tx, browser, outcome, clock.now())
      }
    })
    return summary(outcomes)
  }
}

function summary(outcomes: readonly Outcome[]): Tried {
  const failed = outcomes.flatMap((outcome) => (outcome.kind === 'sent' ? [] : [outcome.error]))
  return { sent: outcomes.length - failed.length, failed }
}
