import type { Webhook, WebhookDelivery } from '../src/index.js'
import { counted, fill } from './alert-words.js'
import { type Asked, asked, nothing, recorded } from './asked.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import { momentText } from './moments.js'
import { preferences } from './preferences.js'
import { toldWords } from './told-words.js'
import type { Frame } from './top.js'

/** Deliveries that are shown of one receiver. */
const SHOWN = 20
/** What is sent again is under way for a moment. */
const LOOK_AGAIN_MS = 2_000

/** Why something did not arrive. */
export function troubleText(error: string | null, code: number | null): string {
  const { troubles } = toldWords[preferences.language].hooks
  const known = Object.entries(troubles).find(([name]) => name === error)
  return fill(known?.[1] ?? troubles.other, { code: String(code ?? '') })
}

/** What was sent to a receiver, the newest first, and what became of it. */
export function deliveryList(frame: Frame, hook: Webhook): Asked {
  const { harta, words } = frame
  const say = toldWords[preferences.language].hooks
  const list = harta.webhooks.deliveries(hook.id)
  return asked<readonly WebhookDelivery[]>({
    words,
    ask: async () => (await list.list({ pageSize: SHOWN }).page()).data,
    show: (deliveries) =>
      deliveries.length === 0
        ? [nothing(say.noDeliveries)]
        : [
            h(
              'ul',
              { class: 'plain hook-rows' },
              ...deliveries.map((delivery) => deliveryRow(frame, hook, delivery, (id) => list.replay(id))),
            ),
          ],
  })
}

function deliveryRow(
  { harta, words }: Frame,
  hook: Webhook,
  delivery: WebhookDelivery,
  replay: (id: string) => Promise<WebhookDelivery>,
): HTMLElement {
  const told = toldWords[preferences.language]
  const say = told.hooks
  const { id, event, state, attempts, responseCode, responseBody, error, createdAt } = delivery
  const result = h('small', { class: 'told-result', role: 'status' })
  const again = async (): Promise<void> => {
    try {
      await replay(id)
      result.textContent = say.replayed
      setTimeout(recorded, LOOK_AGAIN_MS)
      result.classList.remove('fault')
    } catch (problem) {
      result.textContent = explain(problem, words)
      result.classList.add('fault')
    }
  }
  const facts = [
    momentText(createdAt, harta.auth.user?.timeZone),
    counted(attempts, say.attempts),
    responseCode === null ? null : String(responseCode),
  ]
  const tone = { pending: 'idle', delivered: 'good', failed: 'bad' }[state]
  return h(
    'li',
    { class: 'hook' },
    h(
      'div',
      { class: 'about' },
      h('b', {}, told.kinds[event], h('span', { class: 'badge', 'data-tone': tone }, say.states[state])),
      h('small', {}, facts.filter(Boolean).join(' · ')),
      error !== null && h('small', { class: 'warning' }, troubleText(error, responseCode)),
      error === null &&
        responseBody !== null &&
        responseBody !== '' &&
        h('small', { class: 'reply' }, responseBody),
    ),
    h(
      'div',
      { class: 'alert-deeds' },
      hook.disabledAt === null &&
        h('button', { type: 'button', class: 'ghost', click: () => void again() }, say.replay),
    ),
    result,
  )
}
