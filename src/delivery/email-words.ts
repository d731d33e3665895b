import type { Words } from '../notifications/news.js'

/** What stands around notifications that are sent, in the two languages. */
export interface MessageWords {
  /** Of the HTML part. */
  readonly tag: string
  readonly digest: (count: number) => string
  readonly more: (count: number) => string
  readonly open: string
  readonly why: string
  readonly stop: string
  /** Of a message that somebody sends to himself, to see whether it arrives. */
  readonly trial: Words
}

const ENGLISH: MessageWords = {
  tag: 'en',
  digest: (count) => `${count} notifications`,
  more: (count) => `and ${count} more`,
  open: 'Open Harta',
  why: 'You get this because e-mail is switched on for your notifications in Harta.',
  stop: 'Stop these e-mails',
  trial: { title: 'This is a test', body: 'Harta reaches you this way.' },
}

const INDONESIAN: MessageWords = {
  tag: 'id',
  digest: (count) => `${count} pemberitahuan`,
  more: (count) => `dan ${count} lagi`,
  open: 'Buka Harta',
  why: 'Anda menerima ini karena email diaktifkan untuk pemberitahuan Anda di Harta.',
  stop: 'Hentikan email ini',
  trial: { title: 'Ini percobaan', body: 'Harta dapat menghubungi Anda melalui cara ini.' },
}

/** Words of the page behind the link that stops e-mails. */
export interface StopWords {
  readonly tag: string
  readonly title: string
  readonly ask: string
  readonly button: string
  readonly done: string
}

const STOP_ENGLISH: StopWords = {
  tag: 'en',
  title: 'E-mail from Harta',
  ask: 'Shall Harta stop sending notifications to you by e-mail?',
  button: 'Stop e-mails',
  done: 'Done. Harta sends you no more notifications by e-mail. You can switch them on again in your settings.',
}

const STOP_INDONESIAN: StopWords = {
  tag: 'id',
  title: 'Email dari Harta',
  ask: 'Hentikan pengiriman pemberitahuan Harta melalui email kepada Anda?',
  button: 'Hentikan email',
  done: 'Selesai. Harta tidak lagi mengirim pemberitahuan melalui email. Anda dapat mengaktifkannya lagi di pengaturan.',
}

/** Indonesian is spoken to `id`, English to everybody else. */
export function messageWords(locale: string): MessageWords {
  return isIndonesian(locale) ? INDONESIAN : ENGLISH
}

export function stopWords(locale: string): StopWords {
  return isIndonesian(locale) ? STOP_INDONESIAN : STOP_ENGLISH
}

function isIndonesian(locale: string): boolean {
  return /^id(-|$)/i.test(locale)
}

/** An instant as a person reads it in that zone, in the language that is spoken to him. */
export function timeWords(locale: string, timeZone: string, at: number): string {
  const spoken = isIndonesian(locale) ? 'id-ID' : /^en(-|$)/i.test(locale) ? locale : 'en-GB'
  return new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at)
}
