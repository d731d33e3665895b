import { Webhook } from 'standardwebhooks'
import { version } from '../lib/version.js'
import type { Notification, NotificationKind, WebhookFormat } from '../protocol/notifications.js'
import type { Asked } from './guarded-request.js'

/** Where a message goes, its secrets opened. */
export interface Target {
  readonly format: WebhookFormat
  readonly url: string
  readonly chatId: string | null
  /** The signing secret; of the presets the token, empty without one. */
  readonly secret: string
  /** The one before, while it still signs too. */
  readonly formerSecret: string | null
}

/** As it is stored with a delivery, and as a standard webhook is sent it. */
export interface Event {
  readonly type: NotificationKind
  readonly timestamp: string
  readonly data: Notification
}

/** What goes out in one piece: an event, or several that were held back for a chat, oldest first. */
export interface Message {
  /** The same for every attempt; of several that of the first. */
  readonly id: string
  readonly events: readonly [Event, ...Event[]]
  /** BCP 47 */
  readonly locale: string
}

const USER_AGENT = `Harta/${version()}`

/** The request that carries the message; `now` in ms since the epoch. */
export function requestOf(target: Target, message: Message, now: number): Asked {
  if (target.format === 'telegram') return toTelegram(target, message)
  return target.format === 'ntfy' ? toNtfy(target, message) : toStandard(target, message, now)
}

/** Standard Webhooks, specification 1.0: the id, the time of this attempt and the body are signed. */
function toStandard(target: Target, { id, events: [event] }: Message, now: number): Asked {
  const body = JSON.stringify(event)
  const secrets = [target.secret, ...(target.formerSecret === null ? [] : [target.formerSecret])]
  return asking(target.url, body, {
    'Content-Type': 'application/json',
    'Webhook-Id': id,
    'Webhook-Timestamp': String(Math.floor(now / 1000)),
    'Webhook-Signature': secrets.map((secret) => new Webhook(secret).sign(id, new Date(now), body)).join(' '),
  })
}

/** Bot API, sendMessage: at most 4,096 characters, as they are. */
function toTelegram({ url, chatId, secret }: Target, message: Message): Asked {
  const { title, body } = textOf(message)
  const text = cut(body === '' ? title : `${title}\n${body}`, TELEGRAM_CHARACTERS)
  return asking(`${url}/bot${secret}/sendMessage`, JSON.stringify({ chat_id: chatId, text }), {
    'Content-Type': 'application/json',
  })
}

/** ntfy, "Publishing": the text is the body; what exceeds 4,096 bytes would become an attachment. */
function toNtfy({ url, secret }: Target, message: Message): Asked {
  const { title, body } = textOf(message)
  const { type } = message.events[0]
  return asking(url, cut(body === '' ? title : body, NTFY_CHARACTERS), {
    'Content-Type': 'text/plain; charset=utf-8',
    Title: headerText(title),
    Priority: type === 'alert:fired' ? 'high' : 'default',
    Tags: type === 'webhook:disabled' ? 'warning' : type.startsWith('goal:') ? 'dart' : 'bell',
    ...(secret === '' ? {} : { Authorization: `Bearer ${secret}` }),
  })
}

function asking(url: string, body: string, headers: Readonly<Record<string, string>>): Asked {
  return { method: 'POST', url, headers: { 'User-Agent': USER_AGENT, ...headers }, body }
}

const TELEGRAM_CHARACTERS = 4_096
/** Of up to four bytes each. */
const NTFY_CHARACTERS = 1_024
const MOST_LINES = 20

function textOf({ events, locale }: Message): { readonly title: string; readonly body: string } {
  if (events.length === 1) return events[0].data
  const lines = events.slice(0, MOST_LINES).map(({ data }) => `- ${data.title}`)
  const more = events.length - lines.length
  const isIndonesian = /^id(-|$)/i.test(locale)
  if (more > 0) lines.push(isIndonesian ? `dan ${more} lagi` : `and ${more} more`)
  const title = isIndonesian ? `${events.length} pemberitahuan` : `${events.length} notifications`
  return { title, body: lines.join('\n') }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/\p{Cs}$/u, '')}…`
}

const WORD_BYTES = 45
const TITLE_CHARACTERS = 250

/** RFC 2047, for what is not plain ASCII: encoded words of at most 75 characters, none of which parts a character. */
function headerText(text: string): string {
  const line = cut(text.replace(/\p{Cc}+/gu, ' ').trim(), TITLE_CHARACTERS)
  if (/^[\x20-\x7e]*$/.test(line) && !line.includes('=?')) return line
  const words: string[] = ['']
  for (const character of line) {
    const longer = words.at(-1) + character
    if (Buffer.byteLength(longer) <= WORD_BYTES) words.splice(-1, 1, longer)
    else words.push(character)
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join(' ')
}
