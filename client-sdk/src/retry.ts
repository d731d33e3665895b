/** Source of a uniformly random number in [0, 1). */
export type Random = () => number

/** Full jitter: a delay drawn evenly from [0, min(cap, base * 2^attempt)), `attempt` counted from 0; in ms. */
export function jitter(attempt: number, baseMs: number, capMs: number, random: Random): number {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)))
}

/** `Retry-After` (RFC 9110, 10.2.3: seconds or an HTTP date) in ms from now; null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs))
}
