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
  why: 'Anda menerima ini karena surel diaktifkan untuk pemberitahuan Anda di Harta.',
  stop: 'Hentikan surel ini',
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
  title: 'Surel dari Harta',
  ask: 'Hentikan pengiriman pemberitahuan Harta melalui surel kepada Anda?',
  button: 'Hentikan surel',
  done: 'Selesai. Harta tidak lagi mengirim pemberitahuan melalui email. Anda dapat mengaktifkannya lagi di pengaturan.',
}

/** Of the message that asks whether an address is its reader's, and of the page behind its link. */
export interface ConfirmationWords {
  readonly tag: string
  readonly title: string
  readonly ask: string
  readonly button: string
  readonly foot: string
  readonly page: {
    readonly ask: (address: string) => string
    readonly done: (address: string) => string
    readonly expired: string
    readonly moved: string
    readonly unknown: string
  }
}

const CONFIRM_ENGLISH: ConfirmationWords = {
  tag: 'en',
  title: 'Confirm your e-mail address for Harta',
  ask:
    'Somebody with an account at Harta wants notifications sent to this address. If that was you, open the link and ' +
    'press the button there. The link works for 24 hours.',
  button: 'Confirm this address',
  foot: 'If it was not you, do nothing: nothing else is sent to this address.',
  page: {
    ask: (address) => `Shall Harta send the notifications of your account to ${address}?`,
    done: (address) =>
      `Done. ${address} is confirmed: Harta sends notifications there if e-mail is switched on.`,
    expired: 'This link is too old: it worked for 24 hours. Have a new one sent in your settings.',
    moved:
      'This link is for an address that the account does not have any more. Have a new one sent in your settings.',
    unknown: 'This link is not whole, or not one of ours. Open it as it stands in the e-mail.',
  },
}

const CONFIRM_INDONESIAN: ConfirmationWords = {
  tag: 'id',
  title: 'Konfirmasikan alamat surel Anda untuk Harta',
  ask:
    'Seseorang yang memiliki akun di Harta ingin pemberitahuannya dikirim ke alamat ini. Jika itu Anda, buka tautannya ' +
    'lalu tekan tombol di sana. Tautan ini berlaku selama 24 jam.',
  button: 'Konfirmasikan alamat ini',
  foot: 'Jika bukan Anda, abaikan saja: tidak ada lagi yang dikirim ke alamat ini.',
  page: {
    ask: (address) => `Kirim pemberitahuan akun Anda di Harta ke ${address}?`,
    done: (address) =>
      `Selesai. ${address} sudah dikonfirmasi: Harta mengirim pemberitahuan ke sana bila surel diaktifkan.`,
    expired: 'Tautan ini sudah terlalu lama: berlakunya 24 jam. Minta yang baru di pengaturan.',
    moved: 'Tautan ini untuk alamat yang bukan lagi milik akun tersebut. Minta yang baru di pengaturan.',
    unknown: 'Tautan ini tidak lengkap atau bukan dari kami. Buka persis seperti tertulis di email.',
  },
}

/** Indonesian is spoken to `id`, English to everybody else. */
export function messageWords(locale: string): MessageWords {
  return isIndonesian(locale) ? INDONESIAN : ENGLISH
}

export function stopWords(locale: string): StopWords {
  return isIndonesian(locale) ? STOP_INDONESIAN : STOP_ENGLISH
}

export function confirmationWords(locale: string): ConfirmationWords {
  return isIndonesian(locale) ? CONFIRM_INDONESIAN : CONFIRM_ENGLISH
}

function isIndonesian(locale: string): boolean {
  return /^id(-|$)/i.test(locale)
}

/** An instant as a person reads it in that zone, in the language that is spoken to him. */
export function timeWords(locale: string, timeZone: string, at: number): string {
  const spoken = isIndonesian(locale) ? 'id-ID' : /^en(-|$)/i.test(locale) ? locale : 'en-GB'
  return new Intl.DateTimeFormat(spoken, { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(at)
}
