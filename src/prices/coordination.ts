/**
 * What several workers have to agree on: who holds what, how often a venue or source was asked, what each of
 * them reports. One worker alone agrees with itself (coordination-memory.ts); several agree in Redis
 * (coordination-redis.ts). Every method rejects while the other side cannot be reached, and a worker that cannot
 * reach it holds nothing.
 */
export interface Coordination {
  /** Takes a name that nobody holds, or renews it, for `forMs`; false while somebody else holds it. */
  acquire(name: string, holder: string, forMs: number): Promise<boolean>
  /** Gives a name back, if it is still this holder's. */
  release(name: string, holder: string): Promise<void>
  /** Counts one question to `name`, over all workers: 0 when it may be asked now, else how many ms to wait. */
  take(name: string, limit: { readonly count: number; readonly windowMs: number }): Promise<number>
  /** Nobody asks `name` for this long: it said so, or it fails. A longer hold stands. */
  hold(name: string, forMs: number): Promise<void>
  /** Leaves a text under this member's name for `forMs`. */
  report(member: string, text: string, forMs: number): Promise<void>
  /** What the members have left that has not run out, by member. */
  reports(): Promise<ReadonlyMap<string, string>>
  close(): Promise<void>
}
