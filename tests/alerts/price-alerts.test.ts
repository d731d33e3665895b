import { expect } from 'chai'
import fc from 'fast-check'
import type { LoadedAlert } from '../../src/alerts/alert-table.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import { PriceAlerts } from '../../src/alerts/price-alerts.js'
import { type Fixed, ONE } from '../../src/lib/decimal.js'
import { AlertModel, alertOf, idOf, nameOf } from './alert-model.js'

const START = Date.UTC(2026, 4, 20, 9)
/** The product beside the model; after everything that happens both have to have said the same. */
class Both {
  readonly model = new AlertModel()
  readonly #emitted: AlertOp[] = []
  #alerts = this.#opened()
  readonly #marks = new Map<string, { price: Fixed; version: number }>()
  readonly #ticks: { name: string; price: Fixed; version: number; at: number }[] = []
  /** What was read of alerts at one time or another in this process. */
  #readings: LoadedAlert[] = []
  #alertCount = 0
  readonly #versions = new Map<string, number>()
  at = START

  #opened(): PriceAlerts {
    return new PriceAlerts({ emit: (op) => this.#emitted.push(op) })
  }

  create(given: Partial<LoadedAlert>): void {
    this.#alertCount += 1
    this.#put(alertOf({ ...given, id: idOf(this.#alertCount) }))
  }

  tick(name: string, price: Fixed, versions: number, passed: number): void {
    this.at += passed
    const version = this.#next(name, versions)
    this.#ticks.push({ name, price, version, at: this.at })
    this.#alerts.tick(name, price, version, this.at)
    this.model.tick(name, price, version, this.at)
    this.compare()
  }

  /** A quote that was told before, maybe one that a stale mark has made us forget. */
  repeatTick(nth: number): void {
    const tick = this.#ticks[nth % Math.max(this.#ticks.length, 1)]
    if (!tick) return
    this.#alerts.tick(tick.name, tick.price, tick.version, tick.at)
    this.model.tick(tick.name, tick.price, tick.version, tick.at)
    this.compare()
  }

  /** An alert as it was read before something was decided of it. */
  echo(nth: number): void {
    const reading = this.#readings[nth % Math.max(this.#readings.length, 1)]
    const stands = reading && this.model.rows.get(reading.id)?.stored
    if (!reading || (stands && stands.snoozedUntil !== reading.snoozedUntil)) return
    this.#alerts.put(reading)
    this.compare()
  }

  /** His owner changes it, or somebody else was first, and it is read again. */
  edit(nth: number, wasRefused: boolean, threshold: Fixed): void {
    const row = this.#nth(nth)
    if (!row) return
    const { price, version, at } = this.model.name(nameOf(row))
    const previous = {
      previous: price,
      previousVersion: price === null ? null : version,
      previousAt: at || null,
    }
    if (wasRefused) this.#alerts.refused(row.id)
    const rule = row.threshold === null ? {} : { threshold }
    this.#put({ ...row, ...previous, ...rule, state: 'armed', armVersion: row.armVersion + 1 })
  }

  /** Another process has decided of it first. */
  fireElsewhere(nth: number): void {
    const row = this.#nth(nth)
    if (!row || row.state === 'fired') return
    const { price, version } = this.model.name(nameOf(row))
    const written = { previous: price, previousVersion: price === null ? null : version, previousAt: this.at }
    this.#put({ ...row, ...written, state: 'fired', firedAt: this.at })
    if (row.repeat === 'once') this.#toldGone(row.id)
  }

  snooze(nth: number, seconds: number): void {
    const row = this.#nth(nth)
    if (!row) return
    const until = seconds === 0 ? null : this.at + seconds * 1_000
    this.model.snooze(row.id, until)
    this.#alerts.put({ ...row, snoozedUntil: until })
    this.compare()
  }

  remove(nth: number): void {
    const row = this.#nth(nth)
    if (!row) return
    this.#alerts.remove(row.id)
    this.model.remove(row.id)
    this.#toldGone(row.id)
    this.compare()
  }

  mark(name: string, price: Fixed, versions: number): void {
    const version = this.#next(name, versions)
    this.#alerts.mark(name, price, version)
    this.model.mark(name, price, version)
    this.compare()
  }

  save(): void {
    for (const [name, mark] of this.#alerts.dirtyMarks()) this.#marks.set(name, mark)
  }

  /** The next process begins with what is stored. With marks of now, nothing is forgotten of thresholds. */
  restart(isSaved: boolean): void {
    if (isSaved) this.save()
    const { rows, names } = this.model
    const stored = [...rows.values()].map((row) => row.stored)
    const moves = stored.some(({ condition }) => condition === 'moves')
    this.#alerts = this.#opened()
    this.#readings = stored
    const bars = (name: string) => this.#bars(name)
    const isMarked = [...names].every(([name, { price, version }]) => {
      return price === null || this.#marks.get(name)?.version === version
    })
    if (isMarked && !moves) this.model.markAll()
    else this.model.restart(this.#marks, bars)
    for (const [name, { price, version }] of this.#marks) this.#alerts.mark(name, price, version)
    this.#alerts.putAll(stored)
    for (const name of new Set(stored.map(nameOf))) this.#alerts.seedMoves(name, bars(name))
    this.compare()
  }

  compare(): void {
    expect(byAlert(this.#emitted)).to.deep.equal(byAlert(this.model.ops))
    expect(this.#alerts.size).to.equal(this.model.rows.size)
    for (const { stored } of this.model.rows.values()) this.#readings.push(stored)
    this.#readings = this.#readings.slice(-40)
    this.#emitted.length = 0
    this.model.ops = []
  }

  /** Whoever was told that it is gone is not told of it as it was before. */
  #toldGone(id: string): void {
    this.#readings = this.#readings.filter((reading) => reading.id !== id)
  }

  /** No two quotes of a name have the same version. */
  #next(name: string, versions: number): number {
    const version = (this.#versions.get(name) ?? 0) + versions
    this.#versions.set(name, version)
    return version
  }

  #put(given: LoadedAlert): void {
    this.#alerts.put(given)
    this.model.put(given)
    this.compare()
  }

  #nth(nth: number): LoadedAlert | undefined {
    return [...this.model.rows.values()][nth % Math.max(this.model.rows.size, 1)]?.stored
  }

  #bars(name: string) {
    const minutes = new Map<number, { at: number; low: Fixed; high: Fixed }>()
    for (const { name: other, at: exact, price } of this.#ticks) {
      if (other !== name) continue
      const at = Math.floor(exact / 60_000) * 60_000
      const { low, high } = minutes.get(at) ?? { low: price, high: price }
      minutes.set(at, { at, low: price < low ? price : low, high: price > high ? price : high })
    }
    return [...minutes.values()]
  }
}

function byAlert(ops: readonly AlertOp[]): readonly AlertOp[] {
  return ops.toSorted((a, b) => a.alertId.localeCompare(b.alertId))
}

const NAMES = ['BTC-USD', 'ETH-USD', 'BTC-USD/ETH-USD'] as const
const names = fc.constantFrom(...NAMES)
/** Few levels, so that prices often meet thresholds, and one of the size that no double holds. */
const prices = fc.integer({ min: 90, max: 110 }).map((whole) => BigInt(whole) * ONE + 1n)
const passed = fc.oneof(
  fc.integer({ min: 0, max: 1_500 }),
  fc.integer({ min: 0, max: 90_000 }),
  fc.constantFrom(30_000, 60_000, 300_000),
)
const nth = fc.nat(1_000)
const rules = fc.record({
  name: names,
  condition: fc.constantFrom('above', 'below', 'crosses', 'moves'),
  threshold: fc.oneof(
    prices,
    prices.map((price) => price + ONE / 3n),
  ),
  percent: fc.constantFrom(ONE, 3n * ONE, 5n * ONE + 1n),
  direction: fc.constantFrom('up', 'down', 'either'),
  windowMinutes: fc.constantFrom(1, 5),
  repeat: fc.constantFrom('once', 'rearm', 'rearm'),
  hysteresis: fc.constantFrom(0n, ONE, ONE, 3n * ONE + 7n),
  minIntervalSeconds: fc.constantFrom(0, 0, 60, 30, 300),
} as const)
/**
 * Which price its creation saw: none, the one that stands, an older one, one of many prices ago, or one that we have
 * not heard of yet. Odd versions are those of quotes that come to nobody else.
 */
const starts = fc.constantFrom('none', 'standing', 'standing', 'older', 'late', 'newer')

type Rule = typeof rules extends fc.Arbitrary<infer Value> ? Value : never

const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      name: names,
      price: prices,
      versions: fc.constantFrom(2, 4),
      ms: passed,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('create' as const), rule: rules, start: starts, price: prices }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat tick' as const), nth }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('echo' as const), nth }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('edit' as const),
      nth,
      wasRefused: fc.boolean(),
      threshold: prices,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('snooze' as const), nth, seconds: fc.constantFrom(0, 5, 200) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fire elsewhere' as const), nth }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('mark' as const), name: names, price: prices }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('save' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const), isSaved: fc.boolean() }) },
)

function take(both: Both, given: typeof step extends fc.Arbitrary<infer Value> ? Value : never): void {
  switch (given.kind) {
    case 'tick':
      both.tick(given.name, given.price, given.versions, given.ms)
      break
    case 'create':
      both.create({ ...ruleOf(given.rule), ...startOf(both, given.rule.name, given.start, given.price) })
      break
    case 'repeat tick':
      both.repeatTick(given.nth)
      break
    case 'echo':
      both.echo(given.nth)
      break
    case 'edit':
      both.edit(given.nth, given.wasRefused, given.threshold)
      break
    case 'snooze':
      both.snooze(given.nth, given.seconds)
      break
    case 'remove':
      both.remove(given.nth)
      break
    case 'fire elsewhere':
      both.fireElsewhere(given.nth)
      break
    case 'mark':
      both.mark(given.name, given.price, 2)
      break
    case 'save':
      both.save()
      break
    case 'restart':
      both.restart(given.isSaved)
      break
  }
}

function ruleOf({ name, ...rule }: Rule): Partial<LoadedAlert> {
  const [symbol = '', per = null] = name.split('/')
  const isMove = rule.condition === 'moves'
  const only = isMove ? { threshold: null } : { percent: null, direction: null, windowMinutes: null }
  return { symbol, per, ...rule, ...only }
}

function startOf(both: Both, name: string, start: string, other: Fixed): Partial<LoadedAlert> {
  const { price, version, at } = both.model.name(name)
  if (start === 'none' || price === null || at === 0) return {}
  if (start === 'standing') return { previous: price, previousVersion: version, previousAt: at }
  const moved = { newer: version + 1, late: Math.max(version - 21, 1) }[start] ?? version - 1
  return { previous: other, previousVersion: moved, previousAt: at }
}

describe('price alerts beside a plain model', () => {
  it('say what a list of alerts says that is walked price by price, through restarts, replays and echoes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 120 }), (all) => {
        const both = new Both()
        for (const one of all) take(both, one)
      }),
      { numRuns: 500 },
    )
  })
})
