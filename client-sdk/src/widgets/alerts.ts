import type { Alert } from '../../../src/protocol/alerts.js'
import type { Notification } from '../../../src/protocol/notifications.js'
import type { HartaClient } from '../client.js'
import { HartaError } from '../errors.js'
import { AlertRow } from './alert-row.js'
import { learn, sentenceOf } from './alert-sentence.js'
import { make, setText } from './dom.js'
import { everySecond, HartaElement } from './element.js'
import { formatAge } from './format.js'
import { lately } from './lately.js'

const style = `
.top { display: flex; flex-wrap: wrap; gap: .3rem .8rem; align-items: baseline; margin: 0 0 .4rem }
.label { color: var(--muted); font-size: .875rem }
.last { margin: 0 0 .6rem; font-size: .875rem; overflow-wrap: anywhere }
.last time { color: var(--muted); font-size: .8125rem }
.list { list-style: none; margin: 0; padding: 0 }
.row {
  display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: center; justify-content: space-between;
  padding: .65rem var(--harta-row-inset, 0px); border-top: 1px solid var(--line); font-size: .9375rem;
}
.told { flex: 1 1 14rem; min-width: 0; overflow-wrap: anywhere }
.sentence { font-weight: 550 }
.row:is([data-state='paused'], [data-state='expired']) .sentence { color: var(--muted); font-weight: 400 }
.below { display: block; margin-top: .1rem; color: var(--muted); font-size: .75rem }
.below:empty { display: none }
.badge[data-state='armed'] { color: var(--up); background: color-mix(in srgb, var(--up) 12%, transparent) }
.badge[data-state='fired'], .count {
  color: var(--warn); background: color-mix(in srgb, var(--warn) 14%, transparent);
}
.acts { display: flex; gap: .4rem }
button {
  font: inherit; font-size: .75rem; color: inherit; cursor: pointer; padding: .15rem .6rem;
  border: 1px solid var(--line); border-radius: 1em; background: none;
}
button:hover { background: var(--tint) }
button:focus-visible { outline: 2px solid var(--up); outline-offset: 1px }
button.count { border-color: transparent; color: var(--warn) }
.row[data-lit='0'] { animation: lit-0 8s ease-out }
.row[data-lit='1'] { animation: lit-1 8s ease-out }
@keyframes lit-0 { from { background: color-mix(in srgb, var(--warn) 24%, transparent) } }
@keyframes lit-1 { from { background: color-mix(in srgb, var(--warn) 24%, transparent) } }
@media (prefers-reduced-motion: reduce) {
  .row[data-lit] { animation: none; background: color-mix(in srgb, var(--warn) 14%, transparent) }
}
`

const SETTLE_MS = 300

/**
 * `<harta-alerts>`: what the user asked to be told, how each alert stands, and what fired last. The attribute
 * `readonly` leaves out the buttons that pause and delete.
 */
export class HartaAlerts extends HartaElement {
  static readonly observedAttributes = ['readonly']
  protected readonly ownStyle = style
  #reload: () => void = () => {}

  attributeChangedCallback(): void {
    this.restart()
  }

  /** Looks again, after the page has made or changed alerts. */
  refresh(): void {
    this.#reload()
  }

  protected follow(client: HartaClient, body: HTMLElement): () => void {
    const { locale } = this
    const words = this.words.alerts
    const { notifications } = client
    const rows = new Map<string, AlertRow>()
    const known = new Map<string, string>()
    const unseen = make('button', 'count')
    unseen.type = 'button'
    unseen.addEventListener('click', () => void attempt(() => notifications.seen('all')))
    const [lastTitle, lastAge] = [make('span'), make('time')]
    const last = make('p', 'last', `${words.last}: `, lastTitle, ' ', lastAge)
    const list = make('ul', 'list')
    list.role = 'list'
    list.ariaLabel = words.title
    list.tabIndex = -1
    const note = make('p', 'note', client.auth.user === null ? this.words.signedOut : words.loading)
    const fault = make('p', 'warn')
    fault.role = 'alert'
    const spoken = make('p', 'unseen')
    spoken.role = 'status'
    last.hidden = true
    unseen.hidden = true
    body.append(make('p', 'top', make('span', 'label', words.title), unseen), last, list, note, fault, spoken)
    let alerts: readonly Alert[] = []
    let latest: Notification | undefined

    const attempt = async (work: () => Promise<unknown>): Promise<void> => {
      setText(fault, '')
      await work().catch((error: unknown) => {
        setText(fault, error instanceof HartaError ? error.detail : String(error))
      })
    }
    const act = (alert: Alert, what: 'turn' | 'remove'): void => {
      const state = alert.state === 'armed' ? 'paused' : 'armed'
      const work = (): Promise<unknown> =>
        what === 'remove' ? client.alerts.remove(alert.id) : client.alerts.update(alert, { state })
      void attempt(work).then(load.now)
    }
    const rowOf = (id: string): AlertRow => {
      const row =
        rows.get(id) ?? new AlertRow({ words, locale, act: this.hasAttribute('readonly') ? null : act })
      rows.set(id, row)
      return row
    }
    const arrange = (): void => {
      for (const [id, { element }] of rows) {
        if (alerts.some((alert) => alert.id === id)) continue
        if (element.matches(':focus-within')) list.focus()
        element.remove()
        rows.delete(id)
      }
      for (const [place, alert] of alerts.entries()) {
        const row = rowOf(alert.id)
        row.render(
          alert,
          sentenceOf(alert, (key) => known.get(key), words, locale),
        )
        const there = list.children[place] ?? null
        if (there !== row.element) list.insertBefore(row.element, there)
      }
      note.hidden = alerts.length > 0
      setText(note, client.auth.user === null ? this.words.signedOut : words.nothing)
    }
    const load = lately(SETTLE_MS, async () => {
      const { user } = client.auth
      const found: Alert[] = []
      if (user !== null) {
        if (client.connection.state !== 'connected') return
        for await (const alert of client.alerts.list({ pageSize: 100 })) found.push(alert)
        await learn(client, found, known)
      }
      if (load.isStopped() || client.auth.user?.id !== user?.id) return
      alerts = found
      arrange()
    })
    this.#reload = load.soon
    const tick = (): void => {
      for (const row of rows.values()) row.tick()
      if (latest) setText(lastAge, formatAge(latest.at, Date.now(), locale))
    }
    const told = (): void => {
      const inbox = notifications.store.getSnapshot()
      const count = inbox?.unseen ?? 0
      unseen.hidden = count === 0
      setText(unseen, words.unseen(count))
      unseen.ariaLabel = words.of(words.unseen(count), words.markSeen)
      latest = inbox?.items.find(({ data }) => typeof data.alertId === 'string')
      last.hidden = !latest
      setText(lastTitle, latest?.title ?? '')
      tick()
    }
    told()
    load.now()
    const stops = [
      load.stop,
      client.connection.subscribe(load.now),
      notifications.store.subscribe(told),
      notifications.on('notification:new', ({ data, title }) => {
        const row = rows.get(String(data.alertId))
        if (!row) return
        row.light()
        setText(spoken, title)
        load.soon()
      }),
      everySecond(tick),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}
