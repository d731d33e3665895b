/** Time as an argument, so that no test has to sleep. `now()` is ms since the epoch, UTC. */
export interface Clock {
  now(): number
  /** Runs `work` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, work: () => void): () => void
  /** Runs `work` every `periodMs` until cancelled. */
  every(periodMs: number, work: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, work) {
    const timer = setTimeout(work, delayMs)
    return () => clearTimeout(timer)
  },
  every(periodMs, work) {
    const timer = setInterval(work, periodMs)
    return () => clearInterval(timer)
  },
}
