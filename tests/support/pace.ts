import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import { type Ask, createAsk } from '../../src/feeds/ask.js'
import type { FakeClock } from './exchange-clock.js'
import type { RudeHttp } from './rude-http.js'

/** Lets a test's time pass while real questions are under way. */
export class Pace {
  readonly ask: Ask
  readonly #clock: FakeClock
  #underway = 0

  /** `isMute`: of which addresses no answer is waited for. */
  constructor(clock: FakeClock, isMute: (url: string) => boolean = () => false) {
    this.#clock = clock
    const now = () => clock.now()
    const [patient, hasty] = [createAsk({ now }), createAsk({ now, timeoutMs: 20 })]
    this.ask = async (question) => {
      this.#underway += 1
      try {
        return await (isMute(question.url) ? hasty : patient)(question)
      } finally {
        this.#underway -= 1
      }
    }
  }

  /** Until every question that follows from what has happened is answered. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet += 1) {
      await turn()
      if (this.#underway === 0) continue
      quiet = 0
      await wait(1)
    }
  }

  /** Goes on by `ms`, in steps after each of which all questions are answered. */
  async pass(ms: number, stepMs = 1_000): Promise<void> {
    await this.settle()
    for (let passed = 0; passed < ms; passed += stepMs) {
      this.#clock.advance(Math.min(stepMs, ms - passed))
      await this.settle()
    }
  }
}

/** What a server answers; `hang` is no answer at all. */
export type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: string | Buffer }
  | 'hang'

/** Lets the server answer so. `index` counts its questions from 0. */
export function answerWith(server: RudeHttp, reply: (question: URL, index: number) => Reply): void {
  server.answer = (response, url) => {
    const told = reply(url, server.asked.length - 1)
    if (told === 'hang') return
    response.writeHead(told.status ?? 200, { 'content-type': 'application/json', ...told.headers })
    response.end(told.body ?? '')
  }
}
