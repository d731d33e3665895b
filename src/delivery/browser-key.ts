import { createECDH } from 'node:crypto'

/** Whether this is a point of P-256, uncompressed, in base64url: what a browser has to be written to with. */
export function isBrowserKey(text: string): boolean {
  const pair = createECDH('prime256v1')
  pair.generateKeys()
  try {
    pair.computeSecret(Buffer.from(text, 'base64url'))
    return true
  } catch {
    return false
  }
}
