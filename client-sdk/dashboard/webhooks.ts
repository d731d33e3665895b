import type { NewWebhook, NotificationKind, Webhook, WebhookFormat } from '../src/index.js'
import { fill } from './alert-words.js'
import { type Asked, asked, nothing, recorded } from './asked.js'
import { deliveryList, troubleText } from './deliveries.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import type { Field } from './field.js'
import { all } from './flow-form.js'
import { form, type Values } from './form.js'
import { choices, openModal } from './modal.js'
import { preferences } from './preferences.js'
import { sureButton } from './sure.js'
import { toldWords } from './told-words.js'
import type { Frame } from './top.js'

const FORMATS: readonly WebhookFormat[] = ['standard', 'telegram', 'ntfy']

/** Where notifications are sent to: who gets them, what became of each, and a new receiver. */
export function webhooksPart(frame: Frame): { readonly element: HTMLElement; stop(): void } {
  const say = toldWords[preferences.language].hooks
  let open: Asked | null = null
  const part = asked<Webhook[]>({
    words: frame.words,
    ask: () => all(frame.harta.webhooks.list({ pageSize: 100 })),
    show: (hooks) => {
      if (hooks.length === 0) return [nothing(say.nothing)]
      return [h('ul', { class: 'plain hook-rows' }, ...hooks.map((hook) => hookRow(frame, hook, deliveries)))]
    },
  })
  const deliveries = (hook: Webhook): void => {
    open?.stop()
    const list = deliveryList(frame, hook)
    open = list
    openModal(frame.words, `${say.deliveries}: ${nameOf(hook)}`, [list.element], () => list.stop())
  }
  const add = h(
    'button',
    { type: 'button', class: 'ghost framed', 'aria-haspopup': 'dialog', click: () => openWebhookForm(frame) },
    say.add,
  )
  return {
    element: h(
      'section',
      { class: 'card pad' },
      h('header', { class: 'part-head' }, h('h2', {}, say.title), add),
      part.element,
    ),
    stop: () => {
      part.stop()
      open?.stop()
    },
  }
}

function nameOf({ name, url, format, chatId }: Webhook): string {
  return name ?? (format === 'telegram' ? `Telegram ${chatId ?? ''}` : url)
}

function offText(reason: string): string {
  const { troubles } = toldWords[preferences.language].hooks
  if (reason === 'failing') return troubles.gaveUp
  return reason === 'by-hand' ? troubles.byHand : troubleText(reason, null)
}

function hookRow(frame: Frame, hook: Webhook, deliveries: (hook: Webhook) => void): HTMLElement {
  const { harta, words } = frame
  const told = toldWords[preferences.language]
  const say = told.hooks
  const result = h('small', { class: 'told-result', role: 'status' })
  const act = async (work: () => Promise<string | null>): Promise<void> => {
    result.textContent = told.trying
    result.classList.remove('fault')
    try {
      const text = await work()
      result.textContent = text ?? ''
    } catch (error) {
      result.textContent = explain(error, words)
      result.classList.add('fault')
    }
  }
  const done = async (work: Promise<unknown>): Promise<null> => {
    await work
    recorded()
    return null
  }
  const test = async (): Promise<string> => {
    const { state, responseCode, error } = await harta.webhooks.test(hook.id)
    const isDelivered = state === 'delivered'
    result.classList.toggle('fault', !isDelivered)
    return isDelivered
      ? fill(say.testDelivered, { code: String(responseCode) })
      : fill(say.testFailed, { why: troubleText(error, responseCode) })
  }
  const rotate = async (): Promise<null> => {
    showSecret(frame, (await harta.webhooks.rotate(hook.id)).secret)
    return null
  }
  const button = (text: string, work: () => Promise<string | null>): HTMLElement =>
    h('button', { type: 'button', class: 'ghost', click: () => void act(work) }, text)
  const events =
    hook.events.length === 0 ? say.everything : hook.events.map((kind) => told.kinds[kind]).join(', ')
  const where = hook.format === 'telegram' ? hook.chatId : hook.url
  return h(
    'li',
    { class: 'hook', 'data-webhook': hook.id },
    h(
      'div',
      { class: 'about' },
      h(
        'b',
        {},
        nameOf(hook),
        hook.disabledAt !== null && h('span', { class: 'badge', 'data-tone': 'warn' }, say.off),
      ),
      h(
        'small',
        {},
        [say.formats[hook.format], hook.name === null ? null : where, events].filter(Boolean).join(' · '),
      ),
      hook.disabledReason !== null && h('small', { class: 'warning' }, offText(hook.disabledReason)),
    ),
    h(
      'div',
      { class: 'alert-deeds' },
      hook.disabledAt !== null &&
        button(say.switchOn, () => done(harta.webhooks.update(hook.id, { disabled: false }))),
      button(say.test, test),
      h(
        'button',
        { type: 'button', class: 'ghost', 'aria-haspopup': 'dialog', click: () => deliveries(hook) },
        say.deliveries,
      ),
      hook.format === 'standard' && sureButton(say.rotate, say.rotateSure, () => void act(rotate)),
      sureButton(say.remove, say.removeSure, () => void act(() => done(harta.webhooks.remove(hook.id)))),
    ),
    result,
  )
}

function openWebhookForm(frame: Frame): void {
  const { harta, words } = frame
  const say = toldWords[preferences.language].hooks
  const place = h('div', {})
  const show = (format: WebhookFormat): void => {
    place.replaceChildren(
      h('p', { class: 'note about-format' }, say.about[format]),
      form(words, fieldsOf(format), say.add, async (values) => {
        const { secret } = await harta.webhooks.create(newWebhook(format, values))
        close()
        recorded()
        if (secret !== null) showSecret(frame, secret)
      }),
    )
  }
  const options = FORMATS.map((format) => [format, say.formats[format]] as const)
  const close = openModal(words, say.add, [choices(say.add, options, show), place])
  show('standard')
}

function fieldsOf(format: WebhookFormat): readonly Field[] {
  const told = toldWords[preferences.language]
  const say = told.hooks
  const name: Field = { name: 'name', label: say.name, kind: 'text', optional: true, wide: true }
  const events: Field = {
    name: 'events',
    label: say.events,
    kind: 'checks',
    options: Object.entries(told.kinds).filter(([kind]) => kind !== 'test'),
    hint: say.eventsHint,
    optional: true,
    folded: true,
  }
  if (format === 'telegram') {
    return [
      { name: 'token', label: say.token, kind: 'password', wide: true },
      { name: 'chatId', label: say.chatId, kind: 'text', wide: true },
      name,
      events,
    ]
  }
  if (format === 'ntfy') {
    return [
      { name: 'url', label: say.topic, kind: 'text', value: 'https://ntfy.sh/', wide: true },
      { name: 'token', label: say.access, kind: 'password', optional: true, wide: true },
      name,
      events,
    ]
  }
  return [{ name: 'url', label: say.url, kind: 'text', value: 'https://', wide: true }, name, events]
}

function newWebhook(
  format: WebhookFormat,
  { url = '', token, chatId = '', name, events }: Values,
): NewWebhook {
  const rest = {
    ...(name === undefined ? {} : { name }),
    ...(events === undefined ? {} : { events: events.split(',') as NotificationKind[] }),
  }
  if (format === 'telegram') return { format, token: token ?? '', chatId, ...rest }
  if (format === 'ntfy') return { format, url, ...(token === undefined ? {} : { token }), ...rest }
  return { format, url, ...rest }
}

/** What is told only once stays until one has put it away. */
function showSecret({ words }: Frame, secret: string): void {
  const say = toldWords[preferences.language].hooks
  const copy = h('button', { type: 'button', class: 'ghost framed' }, say.copy)
  copy.addEventListener('click', () => {
    navigator.clipboard?.writeText(secret).then(
      () => {
        copy.textContent = say.copied
      },
      // Where the clipboard is closed to pages the text can be marked by hand.
      () => undefined,
    )
  })
  const close = openModal(words, say.secret, [
    h('p', { class: 'warning' }, say.secretNote),
    h('div', { class: 'secret' }, h('code', {}, secret), copy),
    h('button', { type: 'button', class: 'primary', click: () => close() }, say.done),
  ])
}
