import { type GuardedRequest, RequestFailed } from './guarded-request.js'
import { BACK_OFF_MS } from './retries.js'
import type { Secrets } from './secrets.js'
import { type Message, requestOf, type Target } from './webhook-message.js'

/** A webhook as far as sending to it needs it, its secrets sealed. */
export interface SealedTarget extends Pick<Target, 'format' | 'url' | 'chatId'> {
  readonly webhookId: string
  readonly secret: Uint8Array
  readonly formerSecret: Uint8Array | null
  /** Ms since the epoch; null without a former secret. */
  readonly formerUntil: number | null
}

/** What became of one attempt. `gone`: the receiver wants nothing any more. */
export interface Outcome {
  readonly kind: 'delivered' | 'failed' | 'gone'
  readonly responseCode: number | null
  readonly responseBody: string | null
  /** A short reason; null of what was delivered. */
  readonly error: string | null
  /** For how long the receiver asks to be left alone; null if he does not say. */
  readonly retryAfterMs: number | null
}

export interface AttemptOptions {
  readonly request: GuardedRequest
  readonly secrets: Secrets
}

/** Sends it once, by the time `now` in ms since the epoch. Rejects only when the secrets cannot be had at all. */
export async function attempt(
  { request, secrets }: AttemptOptions,
  target: SealedTarget,
  message: Message,
  now: number,
): Promise<Outcome> {
  const opened = await open(secrets, target, now)
  if (!opened) return failed('secret-unreadable')
  try {
    const { status, body, retryAfter } = await request.send(requestOf(opened, message, now))
    const answered = { responseCode: status, responseBody: body, retryAfterMs: null }
    if (status >= 200 && status < 300) return { kind: 'delivered', ...answered, error: null }
    if (status === 410) return { kind: 'gone', ...answered, error: 'gone' }
    const isBusy = status === 429 || status === 503
    const retryAfterMs = isBusy ? patience(retryAfter, now) : null
    return { kind: 'failed', ...answered, error: 'status', retryAfterMs }
  } catch (error) {
    if (error instanceof RequestFailed) return failed(error.reason, error.status)
    throw error
  }
}

async function open(secrets: Secrets, target: SealedTarget, now: number): Promise<Target | null> {
  const { webhookId, secret, formerSecret, formerUntil, ...rest } = target
  const signsToo = formerSecret !== null && formerUntil !== null && formerUntil > now
  try {
    return {
      ...rest,
      secret: await secrets.open(webhookId, secret),
      formerSecret: signsToo ? await secrets.open(webhookId, formerSecret) : null,
    }
  } catch {
    return null
  }
}

function failed(error: string, responseCode: number | null = null): Outcome {
  return { kind: 'failed', responseCode, responseBody: null, error, retryAfterMs: null }
}

/** RFC 9110, 10.2.3: seconds or a date. */
function patience(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

const JITTER = 0.1
const LONGEST_RETRY_AFTER_MS = 3_600_000

/** How long to wait after so many failed attempts; null when that was the last. `random` is from [0, 1). */
export function delayAfter(attempts: number, retryAfterMs: number | null, random: number): number | null {
  const delay = BACK_OFF_MS[attempts - 1]
  if (delay === undefined) return null
  const spread = Math.round(delay * (1 + JITTER * (2 * random - 1)))
  return Math.max(spread, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS))
}
