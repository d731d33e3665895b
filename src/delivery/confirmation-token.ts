import { fromDigits, isSigned, sign, toDigits } from './signature.js'

/**
 * The word by which whoever reads an address says that it is his: the user, the second at which it ends, a digest of
 * the address, and the signature of these. It is sent to that address and told nowhere else.
 */
const PURPOSE = 'confirm:email:'
const ADDRESS = 'confirm:address:'
const TOKEN = /^([0-9a-f]{32})([0-9a-f]{8})([A-Za-z0-9_-]{22})([A-Za-z0-9_-]{43})$/
const DIGEST_LENGTH = 22

export interface Confirmation {
  readonly userId: string
  /** Ms since the epoch, of whole seconds. */
  readonly endsAt: number
  /** Whether it was sent to this address. */
  readonly isFor: (address: string) => boolean
}

export function confirmationToken(
  key: Buffer,
  { userId, endsAt, address }: Pick<Confirmation, 'userId' | 'endsAt'> & { readonly address: string },
): string {
  const ends = Math.floor(endsAt / 1000)
    .toString(16)
    .padStart(8, '0')
  const text = toDigits(userId) + ends + digestOf(key, address)
  return text + sign(key, PURPOSE + text)
}

/** Null when it was not made here. */
export function readConfirmationToken(key: Buffer, token: string): Confirmation | null {
  const [, digits, ends, digest, given] = TOKEN.exec(token) ?? []
  if (digits === undefined || ends === undefined || digest === undefined || given === undefined) return null
  if (!isSigned(key, PURPOSE + digits + ends + digest, given)) return null
  return {
    userId: fromDigits(digits),
    endsAt: Number.parseInt(ends, 16) * 1000,
    isFor: (address) => digestOf(key, address) === digest,
  }
}

function digestOf(key: Buffer, address: string): string {
  return sign(key, ADDRESS + address).slice(0, DIGEST_LENGTH)
}
