/**
 * How long a connection may tell no price before it is taken for dead.
 *
 * Three kinds of silence are kept apart. No frame at all (`idleMs`): the socket is dead, since every venue
 * pings or beats. No price of any symbol while heartbeats come: the socket lives and its subscription does not,
 * the failure that no close event ever tells. No price of one symbol while others speak: the symbol is quiet,
 * which is normal and never a reason to reconnect.
 *
 * The second cannot be told from a connection whose symbols are all quiet, so this patience learns. It starts at
 * the venue's `silenceMs`, doubles with each reconnect that brought nothing new, and is never less than twice
 * the longest pause between news of late, which fades with a half-life of ten minutes. So a mute subscription of
 * lively symbols is given up after `silenceMs`, and one that trades every few minutes is disturbed a few times
 * and then left in peace.
 */
const LONGEST_MS = 30 * 60_000
const HALF_LIFE_MS = 10 * 60_000

export class Patience {
  readonly #silenceMs: number
  #newsAt: number | null = null
  #pauseMs = 0
  #fruitless = 0

  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs
  }

  get ms(): number {
    const doubled = this.#silenceMs * 2 ** Math.min(this.#fruitless, 20)
    return Math.min(Math.max(doubled, 2 * this.#pauseMs), LONGEST_MS)
  }

  /** A price that was not known before. The first price after a reconnect often repeats the last one. */
  news(now: number): void {
    const pause = this.#newsAt === null ? 0 : now - this.#newsAt
    this.#pauseMs = Math.max(pause, this.#pauseMs * 0.5 ** (pause / HALF_LIFE_MS))
    this.#newsAt = now
    this.#fruitless = 0
  }

  /** The socket was closed: the pause that runs is not the symbols'. */
  interrupted(): void {
    this.#newsAt = null
  }

  gaveUp(): void {
    this.#fruitless += 1
  }
}
