/** A price as it was sent; `at` is in ms since the epoch and stands in the frame, too. */
export interface Sent {
  readonly symbol: string
  readonly at: number
}

/** A price as it was seen: `at` is the exchange's time, `seen` the observer's, both ms since the epoch. */
export interface Seen {
  readonly symbol: string
  readonly at: number
  readonly seen: number
}

/** For each price that was sent, the ms until it or a newer one of its symbol was seen; null when none was. */
export function delaysOf(sent: readonly Sent[], seen: readonly Seen[]): readonly (number | null)[] {
  const bySymbol = new Map<string, Seen[]>()
  for (const one of seen) {
    const known = bySymbol.get(one.symbol)
    if (known) known.push(one)
    else bySymbol.set(one.symbol, [one])
  }
  return sent.map(({ symbol, at }) => {
    const first = bySymbol.get(symbol)?.find((one) => one.at >= at)
    return first ? first.seen - at : null
  })
}

/** Now, in ms since the epoch with a fraction. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}
