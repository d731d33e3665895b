import { fromDigits, isSigned, sign, toDigits } from './signature.js'

/**
 * The word by which whoever reads an e-mail stops them without signing in (RFC 8058): the user's id, signed by a key
 * of the server. It says nothing else, opens nothing else, and does not expire: an old e-mail can still stop them.
 */
const PURPOSE = 'unsubscribe:email:'
const TOKEN = /^([0-9a-f]{32})([A-Za-z0-9_-]{43})$/

export function unsubscribeToken(key: Buffer, userId: string): string {
  return toDigits(userId) + sign(key, `${PURPOSE}${userId}`)
}

/** The user whom a token names; null when it was not made here. */
export function readUnsubscribeToken(key: Buffer, token: string): string | null {
  const [, digits, given] = TOKEN.exec(token) ?? []
  if (digits === undefined || given === undefined) return null
  const userId = fromDigits(digits)
  return isSigned(key, `${PURPOSE}${userId}`, given) ? userId : null
}
