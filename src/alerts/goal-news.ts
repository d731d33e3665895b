import type { AnnounceGoals, GoalNews } from '../goals/news.js'
import type { Announce, News, Tell } from '../notifications/news.js'
import { type GoalWish, goalNewsStore } from './goal-news-store.js'
import { goalWords } from './words.js'

/**
 * Announces what goals have become, with or without an alert: the row of the goal that was written before it in
 * the same transaction is the gate. An alert of the goal chooses the ways; a snoozed one leaves it to the inbox.
 */
export function announceGoals(options: { readonly announce: Announce; readonly tell: Tell }): AnnounceGoals {
  const { announce, tell } = options
  return async (tx, news) => {
    const [first] = news
    if (!first) return () => {}
    const { userId } = first
    const at = Date.parse(first.at)
    const goalIds = [...new Set(news.map(({ goalId }) => goalId))]
    const wishes = await goalNewsStore.wishes(tx, userId, goalIds, at)
    const written = news.map((one) => newsOf(one, wishes))
    const told = await announce(tx, written)
    const fired = told.flatMap(({ notification: { id, data } }) => {
      const { alertId, occasion } = data
      return typeof alertId === 'string' ? [{ alertId, occasion: String(occasion), notificationId: id }] : []
    })
    await goalNewsStore.fired(tx, userId, fired, at)
    return () => tell(told)
  }
}

/** Milestones can be forgotten (another target) and reached again, so the instant belongs to what is told. */
function newsOf({ kind, userId, goalId, name, percent, at }: GoalNews, wishes: readonly GoalWish[]): News {
  const wish = wishes.find((one) => one.goalId === goalId && one.events.includes(kind))
  const occasion = kind === 'fellBack' ? `fell:${at}` : `${percent}:${at}`
  return {
    userId,
    kind: `goal:${kind}`,
    key: `goal:${goalId}:${occasion}`,
    words: goalWords({ kind, name, percent }),
    data: { goalId, name, percent, alertId: wish?.alertId ?? null, occasion },
    channels: wish?.isSnoozed ? [] : (wish?.channels ?? null),
    at: Date.parse(at),
  }
}
