import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Step } from './plan.js'

/** Steps that are kept together, and written in one transaction. */
export const BATCH = 200

/** Steps as they are kept: a text for each batch, a tenth of the size of its JSON. */
export async function pack(steps: readonly Step[]): Promise<readonly string[]> {
  const chunks: string[] = []
  for (let first = 0; first < steps.length; first += BATCH) {
    const packed = await promisify(gzip)(JSON.stringify(steps.slice(first, first + BATCH)))
    chunks.push(packed.toString('base64'))
    await turn()
  }
  return chunks
}

export async function unpack(chunk: string): Promise<readonly Step[]> {
  const plain = await promisify(gunzip)(Buffer.from(chunk, 'base64'))
  return JSON.parse(plain.toString()) as readonly Step[]
}
