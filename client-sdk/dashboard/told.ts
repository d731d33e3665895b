import type { HartaClient, Notification } from '../src/index.js'
import { recorded } from './asked.js'
import { desktop } from './desktop.js'
import { preferences } from './preferences.js'
import { clearToasts, toast } from './toasts.js'
import { words } from './words.js'

/** How long what fired stands out. */
const LIT_MS = 8_000
/** Several at once are one reason to look again. */
const SETTLE_MS = 300

type Listener = (notification: Notification) => void
const listeners = new Set<Listener>()
const litUntil = new Map<string, number>()

/** Calls back with what the user is told while this page is open; answers how to stop. */
export function onTold(callback: Listener): () => void {
  listeners.add(callback)
  return () => listeners.delete(callback)
}

/** Whether something was told of this alert or goal a moment ago. */
export function isLit(id: string): boolean {
  return (litUntil.get(id) ?? 0) > Date.now()
}

/** The page that shows what a notification is of. */
export function pageFor({ kind, data }: Notification): string {
  if (kind === 'webhook:disabled' || kind === 'test') return '#settings'
  if (kind === 'alert:waiting') return '#home'
  if (kind !== 'alert:fired') return '#goals'
  return data.kind === 'BUDGET' ? '#cashflow' : '#alerts'
}

/**
 * Says what comes while the page is open: as a toast, as a notification of the desktop, and by lighting up what it
 * is of. What is older than the inbox as it was found at first came before; that is counted on the bell alone.
 */
export function followNotifications(harta: HartaClient): () => void {
  clearToasts()
  const early: Notification[] = []
  let newest: string | null = null
  let timer = 0

  const tell = (notification: Notification): void => {
    const open = (): void => {
      void harta.notifications.seen([notification.id]).catch(() => undefined)
      location.hash = pageFor(notification)
    }
    light(notification)
    toast(notification, { close: words[preferences.language].close, open, tone: 'news' })
    desktop.show(notification.id, notification, open)
    for (const listener of listeners) listener(notification)
    clearTimeout(timer)
    timer = window.setTimeout(recorded, SETTLE_MS)
  }
  const take = (notification: Notification): void => {
    if (newest === null) early.push(notification)
    else if (notification.id > newest) tell(notification)
  }
  const found = (): void => {
    const inbox = harta.notifications.store.getSnapshot()
    if (inbox === null || newest !== null) return
    newest = inbox.items[0]?.id ?? ''
    for (const notification of early.splice(0)) take(notification)
  }
  const stops = [harta.notifications.store.subscribe(found), harta.notifications.on('notification:new', take)]
  found()
  return () => {
    for (const stop of stops) stop()
    clearTimeout(timer)
    clearToasts()
    litUntil.clear()
  }
}

function light({ data }: Notification): void {
  for (const id of [data.alertId, data.goalId, data.budgetId]) {
    if (typeof id !== 'string') continue
    litUntil.set(id, Date.now() + LIT_MS)
    for (const element of document.querySelectorAll(`[data-subject="${CSS.escape(id)}"]`))
      element.setAttribute('data-lit', '')
  }
}
