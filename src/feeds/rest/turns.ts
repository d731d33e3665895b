import type { Clock } from '../../lib/clock.js'
import type { Coordination, QuestionLimit } from '../../prices/coordination.js'

interface Waiting {
  readonly rank: number
  /** After this instant it is too late to begin. */
  readonly giveUpAt: number
  begin(): Promise<void>
  giveUp(word: 'busy' | 'uncoordinated'): void
}

/**
 * Who may ask next where one is asked at a time, at a pace that all workers share: the lowest rank first, within
 * a rank whoever came first. The turn is given out once the pace allows a question, so what is more urgent goes
 * ahead of all that waits. Who would have to wait for longer than he has patience for is told so at once.
 */
export class Turns {
  readonly #name: string
  readonly #limit: QuestionLimit
  readonly #coordination: Pick<Coordination, 'take'>
  readonly #clock: Clock
  readonly #count: (word: string) => void
  #waiting: readonly Waiting[] = []
  #running = false
  #stopped = false
  /** While nobody may ask: until when, and how to end the wait. */
  #pause: { readonly until: number; readonly end: () => void } | null = null

  constructor(options: {
    name: string
    limit: QuestionLimit
    coordination: Pick<Coordination, 'take'>
    clock: Clock
    /** Hears `busy` and `uncoordinated`: why a turn was not given. */
    count: (word: string) => void
  }) {
    this.#name = options.name
    this.#limit = options.limit
    this.#coordination = options.coordination
    this.#clock = options.clock
    this.#count = options.count
  }

  /** What `work` gave in its turn; null when its turn did not come in time. */
  run<T>(rank: number, patienceMs: number, work: () => Promise<T>): Promise<T | null> {
    if (this.#stopped) return Promise.resolve(null)
    const giveUpAt = this.#clock.now() + patienceMs
    return new Promise((resolve, reject) => {
      const giveUp = (word: string) => {
        if (!this.#stopped) this.#count(word)
        resolve(null)
      }
      if (this.#pause && this.#pause.until > giveUpAt) return giveUp('busy')
      const begin = () => work().then(resolve, reject)
      this.#waiting = [...this.#waiting, { rank, giveUpAt, begin, giveUp }]
      if (!this.#running) void this.#serve()
    })
  }

  /** Nobody begins any more, and who waits is told so; what has begun goes on. */
  stop(): void {
    this.#stopped = true
    this.#dismiss(() => true, 'busy')
    this.#pause?.end()
  }

  async #serve(): Promise<void> {
    this.#running = true
    while (this.#waiting.length > 0) {
      const waitMs = await this.#coordination.take(this.#name, this.#limit).catch(() => null)
      if (waitMs === null) this.#dismiss(() => true, 'uncoordinated')
      else if (waitMs > 0) await this.#wait(waitMs)
      else await this.#next()?.begin()
    }
    this.#running = false
  }

  #next(): Waiting | undefined {
    const now = this.#clock.now()
    this.#dismiss(({ giveUpAt }) => giveUpAt < now, 'busy')
    const [first, ...others] = this.#waiting
    const next = others.reduce((best, other) => (best && best.rank <= other.rank ? best : other), first)
    this.#waiting = this.#waiting.filter((other) => other !== next)
    return next
  }

  #wait(forMs: number): Promise<void> {
    const until = this.#clock.now() + forMs
    this.#dismiss(({ giveUpAt }) => giveUpAt < until, 'busy')
    if (this.#waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const end = () => {
        cancel()
        this.#pause = null
        resolve()
      }
      const cancel = this.#clock.after(forMs, end)
      this.#pause = { until, end }
    })
  }

  #dismiss(whom: (waiting: Waiting) => boolean, word: 'busy' | 'uncoordinated'): void {
    const dismissed = this.#waiting.filter(whom)
    this.#waiting = this.#waiting.filter((waiting) => !whom(waiting))
    for (const { giveUp } of dismissed) giveUp(word)
  }
}
