/**
 * One HTTP question to an exchange or a quote source. Whatever goes wrong is an answer too, never an exception:
 * what came is bounded in time and in bytes, redirects are followed, and nothing in it is trusted yet. An answer
 * with status 200 is neither a success nor fresh; that is for its reader to say.
 */
export interface Question {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
}

export type Answer =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly contentType: string }
  /** The server refuses: `status` is its own, `retryAfterMs` what it asks for. `body` tells why, perhaps. */
  | {
      readonly kind: 'refused'
      readonly status: number
      readonly retryAfterMs: number | null
      readonly body: Buffer
    }
  /** `reason` is one of a fixed set of words, fit for a counter's label. */
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'unreachable' | 'too-large' }

export type Ask = (question: Question) => Promise<Answer>

const LONGEST_MS = 10_000
const MOST_BYTES = 32 * 1024 * 1024

export function createAsk(options: { readonly now: () => number; readonly timeoutMs?: number }): Ask {
  return async ({ url, method = 'GET', headers = {} }) => {
    const limit = AbortSignal.timeout(options.timeoutMs ?? LONGEST_MS)
    try {
      const response = await fetch(url, {
        method,
        headers: { 'User-Agent': AGENT, ...headers },
        signal: limit,
      })
      const body = await readBody(response)
      if (body === null) return { kind: 'failed', reason: 'too-large' }
      if (response.ok) {
        return { kind: 'answer', body, contentType: response.headers.get('content-type') ?? '' }
      }
      const retryAfterMs = retryAfter(response.headers.get('retry-after') ?? undefined, options.now())
      return { kind: 'refused', status: response.status, retryAfterMs, body }
    } catch {
      return { kind: 'failed', reason: limit.aborted ? 'timeout' : 'unreachable' }
    }
  }
}

const AGENT = 'harta (+personal finance backend)'

async function readBody(response: Response): Promise<Buffer | null> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of response.body ?? []) {
    bytes += part.length
    if (bytes > MOST_BYTES) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Ms from a Retry-After header, which holds seconds or a date; null when there is none. */
export function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  const at = /^\d+$/.test(header) ? now + Number(header) * 1000 : Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
