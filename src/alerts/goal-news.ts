import type { AnnounceGoals, GoalNews } from '../goals/news.js'
import type { Announce, News, Tell } from '../notifications/news.js'
import type { NotificationKind } from '../protocol/notifications.js'
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
    const heard = news.map((one) => ({ one, wish: wishOf(one, wishes) }))
    const told = await announce(
      tx,
      heard.map(({ one, wish }) => newsOf(one, wish)),
    )
    const fired = heard.flatMap(({ one, wish }) => {
      const written = told.find(({ notification: { kind, data } }) => isOf(one, kind, data.goalId))
      if (!wish || !written) return []
      const { alertId } = wish
      return [{ alertId, occasion: occasionOf(one), notificationId: written.notification.id }]
    })
    await goalNewsStore.fired(tx, userId, fired, at)
    return () => tell(told)
  }
}

function wishOf({ goalId, kind }: GoalNews, wishes: readonly GoalWish[]): GoalWish | null {
  return wishes.find((wish) => wish.goalId === goalId && wish.events.includes(kind)) ?? null
}

/** Of one goal there is one of each kind at most. */
function isOf(one: GoalNews, kind: NotificationKind, goalId: unknown): boolean {
  return kind === `goal:${one.kind}` && goalId === one.goalId
}

function newsOf(one: GoalNews, wish: GoalWish | null): News {
  const { kind, userId, goalId, name, percent, at } = one
  return {
    userId,
    kind: `goal:${kind}`,
    key: `goal:${goalId}:${occasionOf(one)}`,
    words: goalWords({ kind, name, percent }),
    data: { goalId, name, percent, alertId: wish?.alertId ?? null },
    channels: wish?.isSnoozed ? [] : (wish?.channels ?? null),
    at: Date.parse(at),
  }
}

/** With its instant, because a milestone that another target takes back can be reached again. */
function occasionOf({ kind, percent, at }: GoalNews): string {
  return `${kind === 'fellBack' ? 'fell' : percent}:${at}`
}
