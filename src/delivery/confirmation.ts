import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { SentConfirmation } from '../protocol/notifications.js'
import { addressStore } from './address-store.js'
import { confirmationToken, readConfirmationToken } from './confirmation-token.js'
import type { Mailer } from './email.js'

/**
 * Nobody is written to who has not said that he wants it. Anybody can register with any address, so a link is sent
 * there, and what it leads to makes the address a confirmed one; of another address the same has to be said again.
 * The link itself is sent a few times a day at the most, whoever asks for it.
 */
export interface ConfirmationOptions {
  readonly db: Database
  /** Null: this server sends no e-mail. */
  readonly mailer: Mailer | null
  /** Signs the links. */
  readonly key: Buffer
  readonly clock: Clock
  /** Throws when this user, or anybody for this mailbox, has asked too often. */
  readonly admit: (userId: string, mailbox: string) => Promise<void>
}

/** What a link leads to: a question, that all is well, or why it does nothing. */
export type LinkState =
  | { readonly kind: 'ask' | 'done'; readonly address: string }
  | { readonly kind: 'expired' | 'moved' | 'unknown' }

export type Confirmations = ReturnType<typeof confirmations>

const LINK_HOLDS_MS = 24 * 3_600_000
/** Too long for a program to try again by itself, as each try counts. */
const RETRY_AFTER_SECONDS = 60

export function confirmations({ db, mailer, key, clock, admit }: ConfirmationOptions) {
  async function follow(token: string, mayConfirm: boolean): Promise<LinkState> {
    const read = readConfirmationToken(key, token)
    if (!read) return { kind: 'unknown' }
    const { userId, endsAt, isFor } = read
    if (endsAt <= clock.now()) return { kind: 'expired' }
    return db.asSystem(async (tx) => {
      const found = await addressStore.find(tx, userId)
      if (!found || !isFor(found.email)) return { kind: 'moved' }
      if (mayConfirm) await addressStore.confirm(tx, userId, found.email)
      return { kind: mayConfirm || found.isConfirmed ? 'done' : 'ask', address: found.email }
    })
  }

  return {
    /**
     * Sends the link now. Throws AppError invalid `not-available` or `email-refused`, conflict `email-confirmed`,
     * limited `rate-limited`, unavailable `email-failed`.
     */
    async send(userId: string): Promise<SentConfirmation> {
      if (!mailer) throw new AppError('invalid', 'not-available', 'This server sends no e-mail.')
      const found = await db.asSystem((tx) => addressStore.find(tx, userId))
      if (!found) throw new AppError('unauthenticated', 'unauthenticated', 'This account is gone.')
      const { email, isConfirmed } = found
      if (isConfirmed) throw new AppError('conflict', 'email-confirmed', 'This address is confirmed already.')
      await admit(userId, mailboxOf(email))
      const endsAt = Math.floor(clock.now() / 1000) * 1000 + LINK_HOLDS_MS
      const outcome = await mailer.sendConfirmation(
        found,
        confirmationToken(key, { userId, endsAt, address: email }),
      )
      if (outcome.kind === 'never')
        throw new AppError('invalid', 'email-refused', `E-mail to this address was refused: ${outcome.error}`)
      if (outcome.kind !== 'sent')
        throw new AppError('unavailable', 'email-failed', 'The e-mail could not be sent; try again later.', {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        })
      return { sentTo: email, expiresAt: new Date(endsAt).toISOString() }
    },

    /** What the page behind a link says, which changes nothing. */
    look: (token: string): Promise<LinkState> => follow(token, false),

    /** Confirms the address to which this was sent. Throws AppError invalid `invalid-token`. */
    async confirm(token: string): Promise<LinkState> {
      const state = await follow(token, true)
      if (state.kind === 'unknown')
        throw new AppError('invalid', 'invalid-token', 'This link is not one of ours.')
      return state
    },
  }
}

/** The same mailbox has many addresses: what stands behind a plus is its owner's to choose. */
function mailboxOf(email: string): string {
  return email.replace(/\+[^@]*(?=@[^@]*$)/, '')
}
