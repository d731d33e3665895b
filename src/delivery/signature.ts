import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * What a token says is said by this server: HMAC-SHA-256 over a text that begins with the purpose of the token, so
 * that one which was made for another purpose says nothing.
 */
export function sign(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

export function isSigned(key: Buffer, text: string, given: string): boolean {
  const [right, told] = [Buffer.from(sign(key, text)), Buffer.from(given)]
  return right.length === told.length && timingSafeEqual(right, told)
}

/** A user's id as tokens hold it: 32 digits. */
export function toDigits(userId: string): string {
  return userId.replaceAll('-', '')
}

export function fromDigits(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
