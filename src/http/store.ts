import { AsyncLocalStorage } from 'node:async_hooks'
import type { Database, Tx } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'

/**
 * The rows behind Idempotency-Key. A key is claimed before the work; the work's own transaction marks the claim
 * as committed; the answer is stored behind it. So a row tells after a crash what became of the work:
 *
 *     status null       claimed, nothing committed  -> after a minute the next request may take the claim over
 *     status COMMITTED  committed, answer not kept  -> after a minute the answer is lost; never done again
 *     any other status  answered                    -> the stored answer is given again, lost where there is none
 *
 * Answers are sealed, because one may tell a secret that is told once and kept sealed itself.
 *
 * A claim is known by its instant: whoever was overtaken while still at work finds its claim gone when it comes
 * to mark it, and its transaction is rolled back. So nothing is done twice, neither by a crash nor by slowness.
 * Where no other process can be at work, a claim from before this one's start need not be waited for.
 */
export interface Claim {
  readonly userId: string
  readonly key: string
  readonly claimedAt: Date
}

export interface ClaimedRequest {
  readonly method: string
  readonly path: string
  readonly hash: string
}

/** An answer as it is kept: `body` is the very text that was sent, null for none. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export type ClaimResult =
  | { readonly kind: 'claimed'; readonly claim: Claim }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer }
  | { readonly kind: 'running' | 'lost' | 'another-request' }

export const COMMITTED = 102
const KEPT_MS = 24 * 3600 * 1000
const ABANDONED_MS = 60 * 1000

const running = new AsyncLocalStorage<Claim>()

/** Runs the work that a claim was made for, so that its transactions mark the claim. */
export function runClaimed<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  return running.run(claim, work)
}

/** The same database, whose transactions of a user mark the claim under which they run. */
export function markingDatabase(db: Database): Database {
  return {
    asUser: async (userId, work) => {
      const claim = running.getStore()
      if (claim === undefined || claim.userId !== userId) return db.asUser(userId, work)
      return db.asUser(userId, async (tx) => {
        const value = await work(tx)
        await markCommitted(tx, claim)
        return value
      })
    },
    asSystem: (work) => db.asSystem(work),
    ping: () => db.ping(),
    close: () => db.close(),
  }
}

async function markCommitted(tx: Tx, claim: Claim): Promise<void> {
  const marked = await tx.idempotencyKey.updateMany({ where: rowOf(claim), data: { status: COMMITTED } })
  if (marked.count === 0) {
    throw new AppError('conflict', 'idempotency-key-in-use', 'Another request with this key has taken over.')
  }
}

function rowOf(claim: Claim) {
  return { userId: claim.userId, key: claim.key, createdAt: claim.claimedAt }
}

/** Makes of a text what nobody reads without the key, nor as anybody else's than `owner`'s, and back. */
export interface Sealing {
  seal(owner: string, text: string): Promise<Uint8Array<ArrayBuffer>>
  open(owner: string, sealed: Uint8Array): Promise<string>
}

export interface IdempotencyStore {
  claim(userId: string, key: string, request: ClaimedRequest): Promise<ClaimResult>
  answer(claim: Claim, answer: StoredAnswer): Promise<void>
  /** Frees the key, unless something was committed under it. */
  release(claim: Claim): Promise<void>
}

export function idempotencyStore(options: {
  readonly db: Database
  readonly sealing: Sealing
  readonly clock: Clock
  /** Since when nobody else has used the database; null when others may. ms since the epoch. */
  readonly aloneSince?: number | null
}): IdempotencyStore {
  const { db, sealing, clock, aloneSince = null } = options
  return {
    async claim(userId, key, request) {
      const claim = { userId, key, claimedAt: new Date(clock.now()) }
      const abandonedAt = Math.max(aloneSince ?? 0, clock.now() - ABANDONED_MS)
      const found = await db.asUser(userId, (tx) => claimKey(tx, claim, request, abandonedAt))
      if (found.kind !== 'answered') return found
      const text = await sealing.open(ownerOf(claim), found.sealed)
      return { kind: 'answered', answer: { status: found.status, ...(JSON.parse(text) as Kept) } }
    },
    async answer(claim, { status, headers, body }) {
      const kept: Kept = { headers, body }
      const data = { status, answer: await sealing.seal(ownerOf(claim), JSON.stringify(kept)) }
      await db.asUser(claim.userId, (tx) => tx.idempotencyKey.updateMany({ where: rowOf(claim), data }))
    },
    async release(claim) {
      const where = { ...rowOf(claim), status: null }
      await db.asUser(claim.userId, (tx) => tx.idempotencyKey.deleteMany({ where }))
    },
  }
}

type Kept = Omit<StoredAnswer, 'status'>
type Found =
  | Exclude<ClaimResult, { readonly kind: 'answered' }>
  | { readonly kind: 'answered'; readonly status: number; readonly sealed: Uint8Array }

/** The row whose answer it is. */
function ownerOf({ userId, key }: Claim): string {
  return `answer ${userId} ${key}`
}

/** Claims from before `abandonedAt` are nobody's any more. */
async function claimKey(tx: Tx, claim: Claim, request: ClaimedRequest, abandonedAt: number): Promise<Found> {
  const { userId, key, claimedAt } = claim
  const keptSince = new Date(claimedAt.getTime() - KEPT_MS)
  await tx.idempotencyKey.deleteMany({ where: { userId, createdAt: { lt: keptSince } } })
  const row = {
    userId,
    key,
    method: request.method,
    path: request.path,
    requestHash: request.hash,
    createdAt: claimedAt,
  }
  const made = await tx.idempotencyKey.createMany({ data: [row], skipDuplicates: true })
  if (made.count === 1) return { kind: 'claimed', claim }
  const found = await tx.idempotencyKey.findUnique({ where: { userId_key: { userId, key } } })
  if (found === null) return { kind: 'running' }
  if (found.requestHash !== request.hash) return { kind: 'another-request' }
  const abandoned = found.createdAt.getTime() < abandonedAt
  if (found.status === COMMITTED) return { kind: abandoned ? 'lost' : 'running' }
  const { status, answer: sealed } = found
  if (status !== null) return sealed ? { kind: 'answered', status, sealed } : { kind: 'lost' }
  if (!abandoned) return { kind: 'running' }
  const taken = await tx.idempotencyKey.updateMany({
    where: { userId, key, createdAt: found.createdAt, status: null },
    data: { createdAt: claimedAt },
  })
  return taken.count === 1 ? { kind: 'claimed', claim } : { kind: 'running' }
}
