import type { Channel, HartaClient, NotificationSettings } from '../src/index.js'
import { counted, fill } from './alert-words.js'
import { asked, recorded } from './asked.js'
import { troubleText } from './deliveries.js'
import { desktopPart } from './desktop-part.js'
import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { all } from './flow-form.js'
import { ledgerWords } from './ledger-words.js'
import { preferences } from './preferences.js'
import { pushPart } from './push-part.js'
import { type ToldWords, toldWords } from './told-words.js'
import { type Frame, page } from './top.js'
import { webhooksPart } from './webhooks.js'

const NIGHT = { from: '22:00', to: '07:00' } as const

/** By which ways one is told, when not, and where to. */
export function settingsView(frame: Frame): View {
  const { harta, words } = frame
  const say = toldWords[preferences.language]
  let isUnconfirmed = false
  const part = asked<NotificationSettings>({
    words,
    ask: () => harta.notifications.settings.get(),
    show: (settings) => {
      isUnconfirmed = settings.available.email && !settings.emailConfirmed
      return [
        h('section', { class: 'card pad' }, h('h2', {}, say.channels), ...ways(frame, settings, say)),
        quietHours(frame, settings, say),
      ]
    },
    once: true,
  })
  // The link is followed in another tab, from where one comes back.
  const seen = (): void => {
    if (!document.hidden && isUnconfirmed) void part.again()
  }
  document.addEventListener('visibilitychange', seen)
  const hooks = webhooksPart(frame)
  return page(
    frame,
    'settings',
    [
      h(
        'header',
        { class: 'page-head' },
        h(
          'div',
          {},
          h('h1', {}, ledgerWords[preferences.language].pages.settings),
          h('p', { class: 'note' }, say.settingsAbout),
        ),
      ),
      part.element,
      hooks.element,
    ],
    {
      stop: () => {
        document.removeEventListener('visibilitychange', seen)
        part.stop()
        hooks.stop()
      },
    },
  )
}

function ways(frame: Frame, settings: NotificationSettings, say: ToldWords): HTMLElement[] {
  const { harta } = frame
  const { available } = settings
  return [
    way(frame, 'email', {
      title: say.email,
      isOn: settings.email,
      isAvailable: available.email,
      ...emailState(harta, settings, say),
    }),
    way(frame, 'push', {
      title: say.push,
      about: available.push ? say.pushAbout : say.pushOff,
      isOn: settings.push,
      isAvailable: available.push,
    }),
    available.push && pushPart(frame),
    way(frame, 'webhook', {
      title: say.webhook,
      about: say.webhookAbout,
      isOn: settings.webhook,
      isAvailable: true,
    }),
    desktopPart(),
  ].filter((part) => part !== false)
}

interface Result {
  readonly text: string
  readonly isBad: boolean
}

/** What the button beside a way does. */
interface Deed {
  readonly label: string
  readonly run: () => Promise<Result>
}

/** An address that is not confirmed is tried by nothing but the link that confirms it. */
function emailState(
  harta: HartaClient,
  { available, emailConfirmed }: NotificationSettings,
  say: ToldWords,
): { readonly about: string; readonly deed?: Deed } {
  const address = harta.auth.user?.email ?? ''
  if (!available.email) return { about: say.emailOff }
  if (emailConfirmed) return { about: fill(say.emailTo, { address }) }
  const run = async (): Promise<Result> => {
    const { sentTo } = await harta.notifications.confirmEmail()
    return { text: fill(say.linkSent, { address: sentTo }), isBad: false }
  }
  return { about: fill(say.emailUnconfirmed, { address }), deed: { label: say.sendLink, run } }
}

/** One way: whether it is used, and a test of it. */
function way(
  { harta, words }: Frame,
  channel: Channel,
  {
    title,
    about,
    isOn,
    isAvailable,
    deed,
  }: {
    readonly title: string
    readonly about: string
    readonly isOn: boolean
    readonly isAvailable: boolean
    readonly deed?: Deed
  },
): HTMLElement {
  const say = toldWords[preferences.language]
  const { label, run } = deed ?? { label: say.tryIt, run: () => tryWay(harta, channel, say) }
  const told = h('small', { class: 'told-result', role: 'status' })
  const tell = (text: string, isBad = false): void => {
    told.textContent = text
    told.classList.toggle('fault', isBad)
  }
  const box = h('input', {
    ...{ type: 'checkbox', name: channel, checked: isOn, disabled: !isAvailable },
    change: async () => {
      try {
        await harta.notifications.settings.update({ [channel]: box.checked })
        tell(say.saved)
      } catch (error) {
        box.checked = !box.checked
        tell(explain(error, words), true)
      }
    },
  })
  const button = h('button', { type: 'button', class: 'ghost framed', disabled: !isAvailable }, label)
  button.addEventListener('click', async () => {
    button.disabled = true
    tell(say.trying)
    try {
      const result = await run()
      tell(result.text, result.isBad)
    } catch (error) {
      tell(explain(error, words), true)
    }
    button.disabled = false
  })
  return h(
    'div',
    { class: 'way', 'data-way': channel },
    h('label', { class: 'switch' }, box, h('span', {}, h('b', {}, title), h('small', {}, about))),
    button,
    told,
  )
}

async function tryWay(harta: HartaClient, channel: Channel, say: ToldWords): Promise<Result> {
  if (channel !== 'webhook') {
    const { failed } = await harta.notifications.try(channel)
    const [why] = failed
    return why === undefined
      ? { text: say.tried, isBad: false }
      : { text: fill(say.failed, { why }), isBad: true }
  }
  const hooks = (await all(harta.webhooks.list({ pageSize: 100 }))).filter(
    ({ disabledAt }) => disabledAt === null,
  )
  if (hooks.length === 0) return { text: say.noWebhook, isBad: true }
  let delivered = 0
  let trouble: string | null = null
  // One after the other, as the server tests one at a time.
  for (const { id } of hooks) {
    const { state, error, responseCode } = await harta.webhooks.test(id)
    if (state === 'delivered') delivered += 1
    else trouble = troubleText(error, responseCode)
  }
  recorded()
  return trouble === null
    ? { text: counted(delivered, say.triedWebhooks), isBad: false }
    : { text: fill(say.failed, { why: trouble }), isBad: true }
}

function quietHours(
  { harta, words }: Frame,
  { quietHours: kept }: NotificationSettings,
  say: ToldWords,
): HTMLElement {
  const told = h('small', { class: 'told-result', role: 'status' })
  const time = (name: 'from' | 'to'): HTMLInputElement =>
    h('input', {
      type: 'time',
      name,
      value: kept?.[name] ?? NIGHT[name],
      required: true,
      'aria-label': say[name],
    })
  const [from, to] = [time('from'), time('to')]
  const box = h('input', { type: 'checkbox', name: 'quiet', checked: kept !== null })
  const hours = h('span', { class: 'hours' }, h('span', {}, say.from), from, h('span', {}, say.to), to)
  const save = async (): Promise<void> => {
    hours.toggleAttribute('data-off', !box.checked)
    if (from.value === '' || to.value === '') return
    try {
      const hoursKept = box.checked ? { from: from.value, to: to.value } : null
      await harta.notifications.settings.update({ quietHours: hoursKept })
      told.textContent = say.saved
      told.classList.remove('fault')
    } catch (error) {
      told.textContent = explain(error, words)
      told.classList.add('fault')
    }
  }
  hours.toggleAttribute('data-off', kept === null)
  for (const input of [box, from, to]) input.addEventListener('change', () => void save())
  return h(
    'section',
    { class: 'card pad quiet' },
    h('h2', {}, say.quiet),
    h(
      'div',
      { class: 'way' },
      h(
        'label',
        { class: 'switch' },
        box,
        h('span', {}, h('b', {}, say.quietOn), h('small', {}, say.quietAbout)),
      ),
      hours,
      told,
    ),
  )
}
