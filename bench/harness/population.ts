/**
 * The people of the benchmarks: each holds ten coins, quoted in dollars, of one of twenty groups; every second
 * one keeps his books in rupiah. Ids are worked out from the number, so that every process knows them.
 */
export const GROUPS = 20
export const HOLDINGS = 10

export interface Person {
  readonly userId: string
  readonly sessionId: string
}

export function person(number: number): Person {
  return { userId: id(0, number), sessionId: id(1, number) }
}

export function id(kind: number, number: number): string {
  return `0000000${kind}-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}

/** Group `number % GROUPS` is the person's own. */
export function symbolsOf(group: number): readonly string[] {
  return Array.from({ length: HOLDINGS }, (_, place) => symbol(group * HOLDINGS + place))
}

export function allSymbols(): readonly string[] {
  return Array.from({ length: GROUPS * HOLDINGS }, (_, number) => symbol(number))
}

function symbol(number: number): string {
  return `COIN${number}-USD`
}

/** A price that moves with `step`, as an exchange writes it; by less than a tenth, so that none looks odd. */
export function priceOf(symbolName: string, step: number): string {
  const number = Number(/\d+/.exec(symbolName)?.[0] ?? 0)
  return amountOf(leastOf(number) + ((step * 7_919 + number * 31) % MOVEMENT))
}

/** Never reached by `priceOf`. */
export function priceBetween(symbolName: string): string {
  return amountOf(leastOf(Number(/\d+/.exec(symbolName)?.[0] ?? 0)) + MOVEMENT + 100)
}

/** Beyond that. */
export function priceAbove(symbolName: string): string {
  return amountOf(leastOf(Number(/\d+/.exec(symbolName)?.[0] ?? 0)) + MOVEMENT + 200)
}

const MOVEMENT = 997

function leastOf(number: number): number {
  return 10_037 + number * number * 161
}

function amountOf(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}
