import { randomUUID } from 'node:crypto'

/** UUIDs of version 7 (RFC 9562, 5.7), each greater than the one before. */
export function risingIds(now: number): () => string {
  let [at, count] = [now, 0]
  return () => {
    if (count > 0xfff) [at, count] = [at + 1, 0]
    const time = timeDigits(at)
    const counter = count.toString(16).padStart(3, '0')
    count += 1
    // Its second half is of the same form.
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter}-${randomUUID().slice(19)}`
  }
}

/** The id before all that are made at that time or later. */
export function idBefore(at: number): string {
  const time = timeDigits(at)
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

function timeDigits(at: number): string {
  return at.toString(16).padStart(12, '0')
}
