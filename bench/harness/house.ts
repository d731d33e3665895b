import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { createTokens } from '../../src/accounts/tokens.js'
import { systemClock } from '../../src/lib/clock.js'
import { person } from './population.js'

/** Signs the tokens of the benchmarks' people; of no use outside of their throw-away databases. */
export const SECRET = 'a secret of the benchmarks, which guards nothing at all'

/** The product's folder; the built benchmarks lie below its node_modules. */
export const ROOT = import.meta.dirname.split(`${sep}node_modules`)[0] ?? '.'

export interface Folder {
  readonly path: string
  remove(): void
}

/** A folder that is gone at the end, also when this process is interrupted. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'harta-bench-'))
  const remove = () => rmSync(path, { recursive: true, force: true })
  process.once('exit', remove)
  return { path, remove }
}

export function tokensOf(users: number): readonly string[] {
  const tokens = createTokens({ secret: createSecretKey(Buffer.from(SECRET)), clock: systemClock })
  const sessionEndsAt = Date.now() + 3_600_000
  return Array.from({ length: users }, (_, number) => {
    return tokens.issue({ ...person(number), role: 'USER', sessionEndsAt }).token
  })
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
