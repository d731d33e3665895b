import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Clock } from '../lib/clock.js'
import { confirmationPage, emailPage, oneLine, type Page } from './email-page.js'
import { CONFIRM, pageLink, tokenLink, UNSUBSCRIBE } from './links.js'
import { unsubscribeToken } from './unsubscribe.js'
import { LONGEST_SEND_MS, type Outcome, type Parcel, type Recipient, type Way } from './way.js'

export interface MailerOptions {
  /** `smtp://user:password@host:587` or `smtps://...`; its query may hold options of nodemailer. */
  readonly smtpUrl: string
  /** `name@host` or `Name <name@host>`. */
  readonly from: string
  readonly publicUrl: string
  /** Signs what stops e-mails. */
  readonly key: Buffer
  readonly clock: Clock
}

/** Parcels go to confirmed addresses alone. */
export interface Mailer extends Way {
  /** The one message that goes to an address which nobody has confirmed. */
  sendConfirmation(to: Pick<Recipient, 'email' | 'locale'>, token: string): Promise<Outcome>
}

const AT_ONCE = 4

/**
 * E-mail over SMTP, by connections that are kept. The same parcel has the same Message-ID at each attempt, so that
 * one which was taken and not noted down is known again by whoever keeps mailboxes. A password leaves over TLS only,
 * unless the server is this machine.
 */
export function createMailer({ smtpUrl, from, publicUrl, key, clock }: MailerOptions): Mailer {
  const sender = senderOf(from)
  const { username, hostname } = new URL(smtpUrl)
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: AT_ONCE,
    // What fails is tried again by the outbox; this is for a kept connection that the server has closed meanwhile.
    maxRequeues: 1,
    requireTLS: username !== '' && !isHere(hostname),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    dnsTimeout: 10_000,
    socketTimeout: 20_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const host = sender.address.slice(sender.address.lastIndexOf('@') + 1)

  return {
    atOnce: AT_ONCE,
    async send(parcel) {
      if (!parcel.to.isEmailConfirmed) return { kind: 'never', error: 'the address is not confirmed' }
      return post(messageOf(parcel))
    },
    // Without the user's name, which can be any words: whoever gets this has not asked for it, perhaps.
    sendConfirmation: ({ email, locale }, token) =>
      post({
        to: { name: '', address: email },
        ...confirmationPage(locale, tokenLink(publicUrl, CONFIRM, token)),
      }),
    async close() {
      transport.close({ force: true })
    },
  }

  async function post({ headers = {}, ...message }: Message): Promise<Outcome> {
    const tooLong = new AbortController()
    const cancel = clock.after(LONGEST_SEND_MS, () => tooLong.abort())
    try {
      await transport.sendMail({
        ...{ from: sender, ...message, signal: tooLong.signal },
        headers: { 'Auto-Submitted': 'auto-generated', ...headers },
      })
      return { kind: 'sent' }
    } catch (error) {
      return failure(error)
    } finally {
      cancel()
    }
  }

  function messageOf({ to, items }: Parcel): Message {
    const stop = tokenLink(publicUrl, UNSUBSCRIBE, unsubscribeToken(key, to.userId))
    const open = pageLink(publicUrl, items.length === 1 ? items[0].kind : 'digest')
    return {
      to: { name: oneLine(to.name ?? '', 100), address: to.email },
      messageId: `<${nameOf(items)}@${host}>`,
      ...emailPage({ to, items }, { open, stop }),
      headers: listHeaders(stop),
    }
  }
}

interface Message extends Page {
  readonly to: { readonly name: string; readonly address: string }
  readonly messageId?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** RFC 2369 and, which is for https alone, RFC 8058. */
function listHeaders(stop: string): Record<string, string> {
  const oneClick = stop.startsWith('https:') ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}
  return { 'List-Unsubscribe': `<${stop}>`, ...oneClick }
}

/** Of several another one than of fewer or more: what has joined them would not be read otherwise. */
function nameOf(items: Parcel['items']): string {
  if (items.length === 1) return items[0].id
  const ids = items.map(({ id }) => id).sort()
  return `digest-${createHash('sha256').update(ids.join()).digest('hex').slice(0, 32)}`
}

function senderOf(from: string): { readonly name: string; readonly address: string } {
  const [, name = '', address = from] = /^(.*)<([^<>]+)>$/.exec(from) ?? []
  return { name: oneLine(name, 100), address: address.trim() }
}

function isHere(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]', '::1'].includes(hostname)
}

/** As nodemailer tells it. */
interface SmtpFailure {
  readonly code?: string
  /** The command that was refused. */
  readonly command?: string
  /** Of the server: 5xx but for 503. */
  readonly permanent?: boolean
}

const LONGEST_ERROR = 300
/** Servers repeat whom they refuse, which is not for a log. */
const ADDRESS = /[^\s<>"',;:()]+@[^\s<>"',;:()]+/g

/** What was said of the recipient or the message stays so; a refused password or sender is for us to put right. */
function failure(error: unknown): Outcome {
  const { code, command, permanent } = error as SmtpFailure
  const said = error instanceof Error ? error.message : String(error)
  const told = oneLine(said.replace(ADDRESS, '...'), LONGEST_ERROR)
  const isOfThisOne = command === 'RCPT TO' || code === 'EMESSAGE'
  return { kind: permanent === true && isOfThisOne ? 'never' : 'again', error: told }
}
