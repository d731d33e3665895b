import type { LoadedAlert } from '../../src/alerts/alert-table.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import { type Fixed, ONE } from '../../src/lib/decimal.js'

const WHOLE = 100n * ONE

interface Seen {
  readonly price: Fixed | null
  readonly version: number
}

interface Observed {
  readonly at: number
  readonly price: Fixed
}

interface Row {
  /** As the database has it when everything that was decided is written. */
  stored: LoadedAlert
  seen: Seen
  /** Of moves: from when on it counts, the price that stood then, and whether it has begun to. */
  since: number
  start: Fixed | null
  counts: boolean
}

interface Name {
  price: Fixed | null
  version: number
  at: number
  order: number
  ticked: boolean
  /** All quotes that this process has heard. */
  heard: readonly { readonly price: Fixed; readonly version: number; readonly at: number }[]
  mark: Seen
  /** By minutes. */
  readonly windows: Map<number, { lows: Observed[]; highs: Observed[] }>
}

const NOTHING: Seen = { price: null, version: -1 }

/** What price alerts mean, told as plainly as can be: a list of alerts, each walked from price to price. */
export class AlertModel {
  readonly rows = new Map<string, Row>()
  readonly names = new Map<string, Name>()
  ops: AlertOp[] = []

  name(name: string): Name {
    const known = this.names.get(name)
    if (known) return known
    const opened: Name = {
      price: null,
      version: -1,
      at: 0,
      order: 0,
      ticked: false,
      heard: [],
      mark: NOTHING,
      windows: new Map(),
    }
    this.names.set(name, opened)
    return opened
  }

  /** Something new of an alert; what is old never comes here. */
  put(stored: LoadedAlert): void {
    this.remove(stored.id)
    if (isOver(stored)) return
    const row: Row = { stored, seen: NOTHING, since: 0, start: null, counts: false }
    countFrom(row)
    this.rows.set(stored.id, row)
    const name = this.name(nameOf(stored))
    this.#open(row, name)
    const own = { price: stored.previous, version: stored.previousVersion ?? -1 }
    const isNew = name.ticked && stored.previousVersion === null
    const base = isNew ? { price: name.price, version: name.version } : newer(own, name.mark)
    row.seen = base
    if (!name.ticked || name.price === null) return
    // The price that it saw was one for all others of its window as well.
    if (stored.condition === 'moves' && stored.state === 'armed')
      this.#move(
        name,
        this.#moving(nameOf(stored)).filter((other) => other.stored.windowMinutes === stored.windowMinutes),
      )
    else if (base.version < name.version) this.#walk(row, name)
  }

  remove(id: string): void {
    const row = this.rows.get(id)
    this.rows.delete(id)
    if (row) this.#close(this.name(nameOf(row.stored)))
  }

  snooze(id: string, until: number | null): void {
    const row = this.rows.get(id)
    if (!row || row.stored.snoozedUntil === until) return
    row.stored = { ...row.stored, snoozedUntil: until }
    countFrom(row)
  }

  mark(told: string, price: Fixed, version: number): void {
    const name = this.name(told)
    name.mark = newer(name.mark, { price, version })
    if (version <= name.version) return
    Object.assign(name, { price, version, ticked: false })
    for (const row of this.#of(told)) if (row.seen.version < version) row.seen = name.mark
  }

  tick(told: string, price: Fixed, version: number, at: number): void {
    const name = this.name(told)
    if (version <= name.version) return
    Object.assign(name, { price, version, at, ticked: true, order: Math.max(at, name.order + 1 / 1_024) })
    name.heard = [...name.heard, { price, version, at }]
    for (const { lows, highs } of name.windows.values()) {
      lows.push({ at: name.order, price })
      highs.push({ at: name.order, price })
    }
    const moving = this.#moving(told)
    for (const row of this.#of(told)) {
      if (!moving.includes(row) && row.seen.version < version) this.#look(row, name)
    }
    this.#move(name, moving)
    this.#close(name)
  }

  /** A process with marks of now knows as much of each alert as the one before; the quotes themselves it has not seen. */
  markAll(): void {
    for (const name of this.names.values()) {
      name.mark = { price: name.price, version: name.version }
      name.ticked = false
      name.heard = []
    }
  }

  /** Everything that a process knew is gone; what is stored, marks and minutes are read again. */
  restart(
    marks: ReadonlyMap<string, { price: Fixed; version: number }>,
    bars: (name: string) => readonly { at: number; low: Fixed; high: Fixed }[],
  ): void {
    this.names.clear()
    for (const [name, { price, version }] of marks) this.mark(name, price, version)
    const stored = [...this.rows.values()].map((row) => row.stored)
    this.rows.clear()
    for (const alert of stored) this.put(alert)
    for (const [told, { windows }] of this.names) {
      for (const { lows, highs } of windows.values()) {
        for (const { at, low, high } of bars(told)) {
          lows.push({ at: at - 1 / 1_024, price: low })
          highs.push({ at: at - 1 / 1_024, price: high })
        }
      }
    }
  }

  #of(name: string): Row[] {
    return [...this.rows.values()].filter(({ stored }) => nameOf(stored) === name)
  }

  #moving(name: string): Row[] {
    return this.#of(name).filter(({ stored }) => stored.condition === 'moves' && stored.state === 'armed')
  }

  /** Through what it has missed, as far as no later price was at least as high, or as low. */
  #walk(row: Row, name: Name): void {
    const missed = name.heard.filter(({ version }) => version > row.seen.version)
    const outlasting = missed.filter(({ price }, place) => {
      const later = missed.slice(place + 1)
      return later.every((one) => one.price < price) || later.every((one) => one.price > price)
    })
    for (const quoted of row.stored.condition === 'moves' ? [name] : outlasting) {
      if (this.rows.has(row.stored.id)) this.#look(row, { ...name, ...quoted })
    }
  }

  #look(row: Row, name: Name): void {
    const { price } = name
    const before = row.seen.price
    row.seen = { price, version: name.version }
    if (price === null) return
    if (row.stored.state === 'fired') {
      if (!isBack(row.stored, price)) return
      this.#step('rearm', row, before, name)
      this.#open(row, name)
    } else if (isEdge(row.stored, before, price) && name.at >= quietUntil(row.stored)) {
      this.#step('fire', row, before, name)
    }
  }

  #move(name: Name, rows: readonly Row[]): void {
    const { price } = name
    const awake = rows.filter(({ stored, counts }) => counts || name.at >= quietUntil(stored))
    if (price === null) return
    for (const row of awake.filter(({ counts }) => !counts)) this.#count(row, name, price)
    for (const row of awake) {
      const { percent, direction, repeat } = row.stored
      const { lows, highs } = this.#open(row, name)
      const counted = (all: readonly Observed[]) =>
        all.filter(({ at }) => at >= row.since && secondOf(at) >= limitOf(row, name)).map((one) => one.price)
      const low = counted(lows).reduce((least, one) => (one < least ? one : least), price)
      const high = counted(highs).reduce((most, one) => (one > most ? one : most), price)
      const share = (percent ?? 0n) * 1n
      const rises = direction !== 'down' && (price - low) * WHOLE >= share * low
      const falls = direction !== 'up' && (high - price) * WHOLE >= share * high
      if (!rises && !falls) continue
      const from = rises ? low : high
      this.#step('fire', row, from, name)
      if (repeat === 'rearm') this.#step('rearm', row, from, name)
    }
  }

  #count(row: Row, name: Name, price: Fixed): void {
    const { lows, highs } = this.#open(row, name)
    row.counts = true
    row.since = Math.min(row.since, name.order)
    const start = row.start
    const known = start !== null && secondOf(row.since) >= limitOf(row, name)
    const { direction } = row.stored
    for (const all of [lows, highs]) all.push({ at: name.order, price })
    if (known && direction !== 'down') lows.push({ at: row.since, price: start })
    if (known && direction !== 'up') highs.push({ at: row.since, price: start })
  }

  #step(kind: AlertOp['kind'], row: Row, from: Fixed | null, name: Name): void {
    const { stored } = row
    const value = name.price ?? 0n
    const { version, at } = name
    this.ops.push({ kind, alertId: stored.id, armVersion: stored.armVersion, value, from, version, at })
    const written = { ...stored, previous: value, previousVersion: version, previousAt: at }
    row.stored =
      kind === 'fire'
        ? { ...written, state: 'fired', firedAt: at }
        : { ...written, state: 'armed', armVersion: stored.armVersion + 1 }
    Object.assign(row, { since: name.order, start: value, counts: false })
    if (isOver(row.stored)) this.rows.delete(stored.id)
  }

  #open({ stored }: Row, name: Name) {
    const minutes = stored.windowMinutes ?? 0
    const window = name.windows.get(minutes) ?? { lows: [], highs: [] }
    if (stored.condition === 'moves' && stored.state === 'armed') name.windows.set(minutes, window)
    return window
  }

  /** What nobody counts is not remembered. */
  #close(name: Name): void {
    const asked = [...this.rows.values()].filter(({ stored }) => {
      return (
        this.names.get(nameOf(stored)) === name && stored.condition === 'moves' && stored.state === 'armed'
      )
    })
    for (const minutes of [...name.windows.keys()]) {
      if (!asked.some(({ stored }) => stored.windowMinutes === minutes)) name.windows.delete(minutes)
    }
  }
}

export function nameOf({ symbol, per }: LoadedAlert): string {
  return per === null ? symbol : `${symbol}/${per}`
}

function isOver({ state, repeat }: LoadedAlert): boolean {
  return state === 'fired' && repeat === 'once'
}

function newer(one: Seen, other: Seen): Seen {
  return one.version >= other.version ? one : other
}

function isEdge({ condition, threshold }: LoadedAlert, before: Fixed | null, price: Fixed): boolean {
  if (before === null || threshold === null) return false
  const up = before < threshold && threshold <= price
  const down = price <= threshold && threshold < before
  return (up && condition !== 'below') || (down && condition !== 'above')
}

function isBack({ condition, threshold, hysteresis }: LoadedAlert, price: Fixed): boolean {
  if (condition === 'moves' || threshold === null) return true
  const below = price * WHOLE <= threshold * (WHOLE - hysteresis)
  const above = price * WHOLE >= threshold * (WHOLE + hysteresis)
  return (below && condition !== 'below') || (above && condition !== 'above')
}

function quietUntil({ condition, repeat, firedAt, minIntervalSeconds, snoozedUntil }: LoadedAlert): number {
  const least = condition === 'moves' && repeat === 'rearm' ? 60 : 0
  const interval = Math.max(least, minIntervalSeconds) * 1_000
  return Math.max(firedAt === null ? 0 : firedAt + interval, snoozedUntil ?? 0)
}

/** Prices of while it is snoozed do not count. */
function countFrom(row: Row): void {
  const { previous, previousAt, snoozedUntil } = row.stored
  const isSnoozed = snoozedUntil !== null && snoozedUntil > (previousAt ?? 0)
  row.since = isSnoozed ? snoozedUntil : (previousAt ?? Number.POSITIVE_INFINITY)
  row.start = isSnoozed || previousAt === null ? null : previous
  row.counts = false
}

function limitOf({ stored }: Row, { order }: Name): number {
  return secondOf(order) - (stored.windowMinutes ?? 0) * 60
}

function secondOf(at: number): number {
  return Math.floor(at / 1_000)
}

/** An alert on BTC-USD rising to 100, once, unless told otherwise. */
export function alertOf(given: Partial<LoadedAlert>): LoadedAlert {
  return {
    id: idOf(1),
    symbol: 'BTC-USD',
    per: null,
    condition: 'above',
    threshold: given.condition === 'moves' ? null : 100n * ONE,
    percent: null,
    direction: null,
    windowMinutes: null,
    repeat: 'once',
    hysteresis: ONE,
    minIntervalSeconds: 0,
    state: 'armed',
    armVersion: 1,
    firedAt: null,
    snoozedUntil: null,
    previous: null,
    previousVersion: null,
    previousAt: null,
    ...given,
  }
}

export function idOf(number: number): string {
  return `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
}
