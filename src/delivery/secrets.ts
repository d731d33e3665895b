import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import type { Database } from '../database/database.js'
import { serverKey } from './server-keys.js'

/**
 * Secrets at rest: AES-256-GCM with a fresh nonce (NIST SP 800-38D), bound to whose secret it is, so that one which
 * was put into another row opens nothing. Laid out as nonce, tag, text.
 */
export interface Secrets {
  seal(owner: string, secret: string): Promise<Uint8Array<ArrayBuffer>>
  /** Rejects when it was sealed with another key or for another owner, or is not whole. */
  open(owner: string, sealed: Uint8Array): Promise<string>
}

const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** With the key that all processes at this database share. */
export function createSecrets(db: Database): Secrets {
  let known: Buffer | null = null
  async function key(): Promise<Buffer> {
    known ??= await serverKey(db, 'data', () => randomBytes(KEY_BYTES))
    return known
  }

  return {
    async seal(owner, secret) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', await key(), nonce).setAAD(Buffer.from(owner))
      const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()])
      return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), text]))
    },

    async open(owner, sealed) {
      const bytes = Buffer.from(sealed)
      const [nonce, rest] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)]
      const options = { authTagLength: TAG_BYTES }
      const decipher = createDecipheriv('aes-256-gcm', await key(), nonce, options).setAAD(Buffer.from(owner))
      decipher.setAuthTag(rest.subarray(0, TAG_BYTES))
      return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]).toString('utf8')
    },
  }
}
