/** A price alert as whoever asked for it thinks of it; prices are whole hundredths of a cent. */
export interface Asked {
  readonly id: string
  readonly symbol: string
  readonly condition: 'above' | 'below' | 'crosses'
  readonly threshold: number
  readonly repeat: 'once' | 'rearm'
  /** How far back, in per cent of the threshold, before it may fire again. */
  readonly hysteresis: number
}

interface Standing {
  readonly asked: Asked
  last: number
  fired: boolean
  armVersion: number
}

/**
 * What has to be told when prices go so: each alert by itself, from price to price, with no idea of workers,
 * batches, leases or failures.
 */
export class ExpectedFirings {
  /** `alert occasion price`, in the order in which they happen. */
  readonly fired: string[] = []
  readonly #bySymbol = new Map<string, Standing[]>()

  constructor(all: readonly Asked[], first: (symbol: string) => number) {
    for (const asked of all) {
      const standing = { asked, last: first(asked.symbol), fired: false, armVersion: 1 }
      this.#bySymbol.set(asked.symbol, [...(this.#bySymbol.get(asked.symbol) ?? []), standing])
    }
  }

  price(symbol: string, price: number): void {
    for (const standing of this.#bySymbol.get(symbol) ?? []) this.#look(standing, price)
  }

  /** By id, how the alerts of a symbol stand now: `armed 2`. */
  *standing(symbol: string): Iterable<readonly [string, string]> {
    for (const { asked, fired, armVersion } of this.#bySymbol.get(symbol) ?? [])
      yield [asked.id, `${fired ? 'fired' : 'armed'} ${armVersion}`]
  }

  #look(standing: Standing, price: number): void {
    const { asked, last, fired } = standing
    const { condition, threshold, repeat, hysteresis } = asked
    standing.last = price
    if (fired) {
      const isBelow = price * 100 <= threshold * (100 - hysteresis)
      const isAbove = price * 100 >= threshold * (100 + hysteresis)
      const isBack = (isBelow && condition !== 'below') || (isAbove && condition !== 'above')
      if (repeat === 'once' || !isBack) return
      standing.fired = false
      standing.armVersion += 1
      return
    }
    const rises = last < threshold && threshold <= price
    const falls = price <= threshold && threshold < last
    if (!(rises && condition !== 'below') && !(falls && condition !== 'above')) return
    standing.fired = true
    this.fired.push(`${asked.id} v${standing.armVersion} ${textOf(price)}`)
  }
}

/** As decimal text without trailing zeros. */
export function textOf(price: number): string {
  return String(price / 10_000)
}
