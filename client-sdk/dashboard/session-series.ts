import type { Valuation } from '../src/index.js'

/** Points kept; beyond that the older half is thinned to every second one. */
const MOST_POINTS = 2_400

/**
 * The total since the page was opened. A pixel needs no exact number, so this is the one place where an amount
 * becomes a binary fraction; what is written beside the line is formatted from the decimal text.
 */
export class SessionSeries {
  currency = ''
  readonly times: number[] = []
  readonly totals: number[] = []
  readonly texts: string[] = []

  add({ at, total, currency }: Valuation): void {
    if (currency !== this.currency) {
      this.times.length = this.totals.length = this.texts.length = 0
      this.currency = currency
    }
    const time = Date.parse(at) / 1_000
    const last = this.times.at(-1)
    if (last !== undefined && time <= last) return
    this.times.push(time)
    this.totals.push(Number(total))
    this.texts.push(total)
    if (this.times.length > MOST_POINTS) this.#thin()
  }

  #thin(): void {
    const half = this.times.length / 2
    for (const list of [this.times, this.totals, this.texts] as unknown[][]) {
      list.splice(0, list.length, ...list.filter((_, i) => i >= half || i % 2 === 0))
    }
  }
}
