import { createECDH, createHash } from 'node:crypto'
import webpush from 'web-push'
import type { Database } from '../database/database.js'
import { messageWords } from './email-words.js'
import { type GuardedRequest, RequestFailed } from './guarded-request.js'
import { pageLink } from './links.js'
import { serverKey } from './server-keys.js'
import type { Outcome, Parcel, Way } from './way.js'

const CURVE = 'prime256v1'

/** This server as push services know it (RFC 8292), in base64url. */
export interface VapidKeys {
  readonly publicKey: string
  readonly privateKey: string
}

/** Made once for the whole installation: browsers subscribe to this very key. */
export async function vapidKeys(db: Database): Promise<VapidKeys> {
  const key = await serverKey(db, 'vapid', () =>
    Buffer.from(webpush.generateVAPIDKeys().privateKey, 'base64url'),
  )
  const pair = createECDH(CURVE)
  pair.setPrivateKey(key)
  return { publicKey: pair.getPublicKey('base64url'), privateKey: key.toString('base64url') }
}

export interface PusherOptions {
  readonly keys: VapidKeys
  /** Whom push services may write to, `name@host` or `Name <name@host>`; null: the dashboard, if that is known. */
  readonly mailFrom: string | null
  readonly publicUrl: string | null
  readonly guarded: GuardedRequest
}

const AT_ONCE = 32
const TTL_SECONDS = 86_400

/**
 * Web Push (RFC 8030): what is sent is encrypted for the browser alone (RFC 8291), and one message takes the place
 * of an earlier attempt at the same by its topic. Endpoints come from clients, so each goes by a guarded request.
 */
export function createPusher({ keys, mailFrom, publicUrl, guarded }: PusherOptions): Way {
  const vapidDetails = { subject: subjectOf(mailFrom, publicUrl), ...keys }

  return {
    atOnce: AT_ONCE,
    async send(parcel) {
      const { browser, items } = parcel
      if (browser === null) return { kind: 'never', error: 'there is no such subscription any more' }
      try {
        const { endpoint, p256dh, auth } = browser
        const details = webpush.generateRequestDetails(
          { endpoint, keys: { p256dh, auth } },
          payloadOf(parcel, publicUrl),
          {
            vapidDetails,
            TTL: TTL_SECONDS,
            urgency: items.some(({ kind }) => kind === 'alert:fired') ? 'high' : 'normal',
            topic: topicOf(items),
          },
        )
        const headers = Object.entries(details.headers).map(([name, value]) => [name, String(value)])
        const answer = await guarded.send({
          method: 'POST',
          url: endpoint,
          headers: Object.fromEntries(headers),
          body: details.body,
        })
        return outcomeOf(answer)
      } catch (error) {
        return failure(error)
      }
    },
    async close() {},
  }
}

function subjectOf(mailFrom: string | null, publicUrl: string | null): string {
  if (mailFrom !== null) return `mailto:${/<([^<>]+)>$/.exec(mailFrom)?.[1] ?? mailFrom}`
  return publicUrl?.startsWith('https:') ? publicUrl : 'mailto:nobody@harta.invalid'
}

/** At most 32 characters of base64url (RFC 8030, 5.4). */
function topicOf(items: Parcel['items']): string {
  const ids = items.map(({ id }) => id).sort()
  return createHash('sha256').update(ids.join()).digest('base64url').slice(0, 22)
}

/** Push services take 4,096 bytes of what is encrypted. */
const MOST_BYTES = 3_072
const LONGEST_TITLE = 200

/** What the service worker is given: `{id, kind, title, body, url, at}`; `kind` is `digest` of several. */
function payloadOf({ to, items }: Parcel, publicUrl: string | null): string {
  const newest = items.at(-1) ?? items[0]
  const isOne = items.length === 1
  const kind = isOne ? newest.kind : 'digest'
  const title = isOne ? newest.title : messageWords(to.locale).digest(items.length)
  const body = isOne ? newest.body : items.map((item) => item.title).join('\n')
  const told = (text: string): string =>
    JSON.stringify({
      id: newest.id,
      kind,
      title: [...title].slice(0, LONGEST_TITLE).join(''),
      body: text,
      url: pageLink(publicUrl ?? '/', kind),
      at: new Date(newest.at).toISOString(),
    })
  const characters = [...body]
  let kept = characters.length
  while (kept > 0 && Buffer.byteLength(told(shortened(characters, kept))) > MOST_BYTES)
    kept = Math.floor(kept * 0.9)
  return told(shortened(characters, kept))
}

function shortened(characters: readonly string[], kept: number): string {
  return kept === characters.length ? characters.join('') : `${characters.slice(0, kept).join('')}…`
}

/** A push service may ask for as much patience, and no more. */
const LONGEST_WISH_SECONDS = 3_600

/** Statuses of RFC 8030 and of what push services make of it. */
function outcomeOf({
  status,
  retryAfter,
}: {
  readonly status: number
  readonly retryAfter?: string | undefined
}): Outcome {
  if (status >= 200 && status < 300) return { kind: 'sent' }
  const error = `the push service answered ${status}`
  if (status === 404 || status === 410) return { kind: 'gone', error }
  if ([400, 413].includes(status)) return { kind: 'never', error }
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0
  return { kind: 'again', error, afterMs: Math.min(seconds, LONGEST_WISH_SECONDS) * 1_000 }
}

function failure(error: unknown): Outcome {
  if (!(error instanceof RequestFailed))
    return { kind: 'never', error: 'its keys are not those of a browser' }
  const isLasting = error.reason === 'address-refused' || error.reason === 'redirect'
  return { kind: isLasting ? 'never' : 'again', error: `the push service: ${error.reason}` }
}
