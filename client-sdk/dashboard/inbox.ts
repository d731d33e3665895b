import type { Inbox, Notification } from '../src/index.js'
import { formatAge } from '../src/widgets/format.js'
import { counted } from './alert-words.js'
import { desktopPart } from './desktop-part.js'
import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { icon } from './icons.js'
import { ledgerWords } from './ledger-words.js'
import { openModal } from './modal.js'
import { locale, preferences } from './preferences.js'
import { pageFor } from './told.js'
import { toldWords } from './told-words.js'
import type { Frame } from './top.js'

type Told = Pick<Frame, 'harta' | 'words'>

const MOST_COUNTED = 99
/** What the panel shows at first. */
const SHOWN = 15
const AGES_MS = 10_000

/** The bell of the top bar: how many are unseen, and the way to them. */
export function bell(frame: Told): View {
  const { store } = frame.harta.notifications
  const say = toldWords[preferences.language]
  const count = h('span', { class: 'count', hidden: true })
  const element = h(
    'button',
    { type: 'button', class: 'ghost icon bell', 'aria-haspopup': 'dialog', click: () => openInbox(frame) },
    icon('alerts', 20),
    count,
  )
  let before: number | null = null
  const show = (): void => {
    const unseen = store.getSnapshot()?.unseen ?? 0
    count.hidden = unseen === 0
    count.textContent = unseen > MOST_COUNTED ? `${MOST_COUNTED}+` : String(unseen)
    const label = unseen === 0 ? say.inbox : counted(unseen, say.unseen)
    element.setAttribute('aria-label', label)
    element.title = label
    element.toggleAttribute('data-rings', before !== null && unseen > before)
    before = unseen
  }
  show()
  element.addEventListener('animationend', () => element.removeAttribute('data-rings'))
  return { element, stop: store.subscribe(show) }
}

/** The newest notifications; one is seen when it is opened. */
function openInbox({ harta, words }: Told): void {
  const say = toldWords[preferences.language]
  const { notifications } = harta
  const list = h('ul', { class: 'plain told' })
  const fault = h('p', { class: 'fault general', role: 'alert' })
  let shown = SHOWN
  const attempt = (work: Promise<unknown>): void => {
    fault.textContent = ''
    work.catch((error: unknown) => {
      fault.textContent = explain(error, words)
    })
  }
  const more = h(
    'button',
    {
      type: 'button',
      class: 'link',
      click: () => {
        shown = Number.POSITIVE_INFINITY
        show()
      },
    },
    say.older,
  )
  const all = h(
    'button',
    { type: 'button', class: 'link', click: () => attempt(notifications.seen('all')) },
    say.allSeen,
  )
  const open = (notification: Notification): void => {
    if (notification.seenAt === null) attempt(notifications.seen([notification.id]))
    close()
    location.hash = pageFor(notification)
  }
  let drawn: Inbox | null | undefined
  const show = (): void => {
    const inbox = notifications.store.getSnapshot()
    drawn = inbox
    all.hidden = (inbox?.unseen ?? 0) === 0
    more.hidden = (inbox?.items.length ?? 0) <= shown
    if (inbox === null) list.replaceChildren(h('li', { class: 'waiting' }, '…'))
    else if (inbox.items.length === 0) list.replaceChildren(h('li', { class: 'nothing-yet' }, say.nothing))
    else list.replaceChildren(...inbox.items.slice(0, shown).map((item) => row(item, open, say.isNew)))
  }
  const stop = notifications.store.subscribe(() => {
    if (drawn !== notifications.store.getSnapshot()) show()
  })
  const timer = setInterval(() => {
    for (const age of list.querySelectorAll('time')) age.textContent = ageOf(age.dateTime)
  }, AGES_MS)
  const leave = (hash: string, text: string): HTMLElement =>
    h('a', { class: 'ghost', href: hash, click: () => close() }, text)
  show()
  const close = openModal(
    words,
    say.inbox,
    [
      all,
      fault,
      list,
      more,
      desktopPart({ short: true }),
      h(
        'footer',
        {},
        leave('#alerts', ledgerWords[preferences.language].pages.alerts),
        leave('#settings', say.toSettings),
      ),
    ],
    () => {
      stop()
      clearInterval(timer)
    },
    'modal panel',
  )
}

function row(
  notification: Notification,
  open: (notification: Notification) => void,
  isNew: string,
): HTMLElement {
  const { id, at, title, body, seenAt } = notification
  return h(
    'li',
    {},
    h(
      'button',
      {
        type: 'button',
        class: 'entry',
        'data-notification': id,
        'data-unseen': seenAt === null,
        click: () => open(notification),
      },
      h('span', { class: 'what' }, title, seenAt === null && h('span', { class: 'unseen' }, ` (${isNew})`)),
      h('small', {}, body),
      h('time', { datetime: at, title: new Date(at).toLocaleString(locale()) }, ageOf(at)),
    ),
  )
}

function ageOf(at: string): string {
  return formatAge(at, Date.now(), locale())
}
