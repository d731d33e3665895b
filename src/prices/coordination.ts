/**
 * What several workers have to agree on: who holds what, how often a venue or source was asked, what each of
 * them reports. One worker alone agrees with itself (coordination-memory.ts); several agree in Redis
 * (coordination-redis.ts), whose clock counts. Every method rejects while the other side cannot be reached, and
 * a worker that cannot reach it holds nothing. An answer that was lost may still have had its effect.
 */
export interface Coordination {
  /** Takes a name that nobody holds, or renews it, for `forMs`; false while somebody else holds it. */
  acquire(name: string, holder: string, forMs: number): Promise<boolean>
  /** The same for many names at once: in their order, until `most` of them are held; gives the held ones. */
  acquireAll(
    names: readonly string[],
    holder: string,
    forMs: number,
    most?: number,
  ): Promise<ReadonlySet<string>>
  /** Gives a name back, if it is still this holder's. */
  release(name: string, holder: string): Promise<void>
  releaseAll(names: readonly string[], holder: string): Promise<void>
  /**
   * Counts one question to `name`, over all workers: 0 when it may be asked now, else how many ms to wait before
   * taking again; nothing is counted then. No window of `windowMs`, wherever it begins, has more than `count`.
   */
  take(name: string, limit: QuestionLimit): Promise<number>
  /** Nobody asks `name` for this long: it said so, or it fails. A longer hold stands. */
  hold(name: string, forMs: number): Promise<void>
  /** Leaves a text under this member's name for `forMs`, in place of the one before; for 0 ms takes it away. */
  report(member: string, text: string, forMs: number): Promise<void>
  /** What the members whose names begin so have left, as far as it has not run out, by member. */
  reports(prefix?: string): Promise<ReadonlyMap<string, string>>
  close(): Promise<void>
}

/** At most `count` questions, a whole number from 1, in any `windowMs`. */
export interface QuestionLimit {
  readonly count: number
  readonly windowMs: number
}
