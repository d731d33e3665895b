import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Clock } from '../lib/clock.js'
import { emailPage, oneLine } from './email-page.js'
import { pageLink, unsubscribeLink } from './links.js'
import { unsubscribeToken } from './unsubscribe.js'
import { LONGEST_SEND_MS, type Outcome, type Parcel, type Way } from './way.js'

export interface MailerOptions {
  /** `smtp://user:password@host:587` or `smtps://...`; its query may hold options of nodemailer. */
  readonly smtpUrl: string
  /** `name@host` or `Name <name@host>`. */
  readonly from: string
  readonly publicUrl: string | null
  /** Signs what stops e-mails. */
  readonly key: Buffer
  readonly clock: Clock
}

const AT_ONCE = 4

/**
 * E-mail over SMTP, by connections that are kept. The same parcel has the same Message-ID at each attempt, so that
 * one which was taken and not noted down is known again by whoever keeps mailboxes. A password leaves over TLS only,
 * unless the server is this machine.
 */
export function createMailer({ smtpUrl, from, publicUrl, key, clock }: MailerOptions): Way {
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
      const tooLong = new AbortController()
      const cancel = clock.after(LONGEST_SEND_MS, () => tooLong.abort())
      try {
        await transport.sendMail({ ...messageOf(parcel), signal: tooLong.signal })
        return { kind: 'sent' }
      } catch (error) {
        return failure(error)
      } finally {
        cancel()
      }
    },
    async close() {
      transport.close({ force: true })
    },
  }

  function messageOf({ to, items }: Parcel) {
    const stop = publicUrl === null ? null : unsubscribeLink(publicUrl, unsubscribeToken(key, to.userId))
    const kind = items.length === 1 ? items[0].kind : 'digest'
    const open = publicUrl === null ? null : pageLink(publicUrl, kind)
    return {
      from: sender,
      to: { name: oneLine(to.name ?? '', 100), address: to.email },
      messageId: `<${nameOf(items)}@${host}>`,
      ...emailPage({ to, items }, { open, stop }),
      headers: { 'Auto-Submitted': 'auto-generated', ...listHeaders(stop) },
    }
  }
}

/** RFC 2369 and, which is for https alone, RFC 8058. */
function listHeaders(stop: string | null): Record<string, string> {
  if (stop === null) return {}
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
