import type { Fixed } from '../lib/decimal.js'
import {
  ABOVE,
  type AlertTable,
  BELOW,
  JOINING,
  type LoadedAlert,
  MOVES,
  REARM,
  SPENT,
  WAITING,
} from './alert-table.js'
import type { MoveHit } from './extremes.js'
import { MoveWindow } from './moves.js'
import type { AlertOp } from './ops.js'
import { type Quoted, RECENT_VERSIONS, RecentQuotes } from './recent-quotes.js'
import { Triggers } from './triggers.js'

/** Up to which quote an alert, or all of an instrument, was evaluated; price null: none is known. */
export interface Seen {
  readonly price: Fixed | null
  readonly version: number
}

/** Whether a quote came past a mark of somebody, or stayed between the same ones as the quote before. */
export type Ticked = 'nothing' | 'between' | 'past'

/**
 * The alerts of one instrument, or of one ratio. Those that have seen the price which stands are among the triggers:
 * armed ones at their threshold, those that wait at where the price has to be again. The others stand apart with
 * the price that they saw last, and are looked at one by one when the next one comes:
 * - their own previous price is newer than ours, or they have none and neither have we;
 * - they wait, and the price is where they wait for already, so that it will not come through there.
 *
 * One price makes one step of an alert, however far it jumped:
 *
 *   armed -(edge)-> fired, for good (spent) | waiting -(back)-> armed, with the next version
 */
export class PriceBook {
  readonly name: string
  readonly #table: AlertTable<PriceBook>
  readonly #say: (op: AlertOp) => void
  readonly #up: Triggers
  readonly #down: Triggers
  readonly #apart = new Map<number, Seen>()
  readonly #spent = new Set<number>()
  readonly #windows = new Map<number, MoveWindow>()
  #joining: number[] = []
  #price: Fixed | null = null
  #version = UNKNOWN.version
  #at = 0
  #order = 0
  /** Whether the price that stands was a quote, not merely what we are told that others had seen. */
  #ticked = false
  readonly #recent = new RecentQuotes()
  #mark: Seen = UNKNOWN
  #size = 0

  constructor(name: string, table: AlertTable<PriceBook>, say: (op: AlertOp) => void) {
    this.name = name
    this.#table = table
    this.#say = say
    this.#up = new Triggers(table.upward, true)
    this.#down = new Triggers(table.downward, false)
  }

  /** Alerts that may still fire or be armed again. */
  get size(): number {
    return this.#size
  }

  /** The quote that stands; null before the first. */
  get standing(): Quoted | null {
    if (!this.#ticked || this.#price === null) return null
    return { price: this.#price, version: this.#version, at: this.#at }
  }

  /** Up to here everything was evaluated already, by whomever. */
  mark(price: Fixed, version: number): void {
    const mark = { price, version }
    this.#mark = newer(this.#mark, mark)
    if (version <= this.#version) return
    this.#version = version
    this.#ticked = false
    this.#price = price
    for (const [handle, seen] of this.#apart) if (seen.version < version) this.#apart.set(handle, mark)
    // To wait is no edge: what the price is back for already is looked at when the next one comes.
    const passed = [...this.#up.advance(price), ...this.#down.advance(price)]
    const back = passed.filter((handle) => this.#table.is(handle, WAITING))
    this.#removeAll(back)
    for (const handle of back) this.#apart.set(handle, mark)
  }

  /** A quote, which is nothing when it is not newer than the last one. */
  tick(price: Fixed, version: number, at: number): Ticked {
    if (version <= this.#version) return 'nothing'
    const from = this.#price
    const isAlike = this.#ticked && this.#apart.size === 0
    const { passed: below } = this.#up
    const { passed: above } = this.#down
    this.#version = version
    this.#at = at
    this.#order = Math.max(at, this.#order + ORDER_STEP_MS)
    this.#ticked = true
    this.#price = price
    this.#recent.add({ price, version, at }, version - RECENT_VERSIONS)
    const risen = this.#up.advance(price)
    const fallen = this.#down.advance(price)
    const isPast = !isAlike || this.#up.passed !== below || this.#down.passed !== above
    if (risen.length > 0) this.#hit(risen, from)
    if (fallen.length > 0) this.#hit(fallen, from)
    if (this.#apart.size > 0) this.#lookApart()
    if (this.#windows.size > 0) this.#move(price)
    this.settle()
    this.#tidy()
    return isPast ? 'past' : 'between'
  }

  /** `settle` has to follow, after one or after many. */
  join(handle: number, own: Seen): void {
    this.#size += 1
    const standing = { price: this.#price, version: this.#version }
    // One that was made when there was no price has not seen a mark of before that.
    const seen = this.#ticked && own.version === UNKNOWN.version ? standing : newer(own, this.#mark)
    if (this.#table.is(handle, MOVES) && !this.#table.is(handle, WAITING)) this.#wait(handle)
    else if (seen.version > this.#version || this.#price === null) this.#apart.set(handle, seen)
    else if (this.#ticked && seen.version < this.#version) this.#walk(handle, seen)
    else this.#place(handle)
  }

  leave(handle: number): void {
    if (this.#table.is(handle, JOINING)) this.settle()
    if (this.#spent.delete(handle)) return
    this.#size -= 1
    if (this.#apart.delete(handle)) return
    if (this.#table.is(handle, MOVES)) this.#window(handle).removeAll([handle])
    else this.#removeAll([handle])
    this.#tidy()
  }

  /** How long it is silent may have changed. */
  snooze(handle: number, alert: LoadedAlert): void {
    const table = this.#table
    if (!table.isSnoozedUnlike(handle, alert) || this.#spent.has(handle)) return
    if (table.is(handle, JOINING)) this.settle()
    const isCounting = table.is(handle, MOVES) && !table.is(handle, WAITING)
    if (isCounting) this.#window(handle).removeAll([handle])
    table.snooze(handle, alert)
    if (isCounting) this.#window(handle).addAll([handle])
  }

  /** Puts those that joined among the others. */
  settle(): void {
    if (this.#joining.length === 0) return
    const joining = this.#joining
    const table = this.#table
    this.#joining = []
    for (const handle of joining) table.clear(handle, JOINING)
    const moving = joining.filter((handle) => table.is(handle, MOVES))
    if (moving.length > 0) this.#settleMoving(moving)
    if (moving.length === joining.length) return
    this.#up.addAll(joining.filter(this.#isUpward))
    this.#down.addAll(joining.filter(this.#isDownward))
  }

  /** For the windows that there are by now. What an alert counts from the same instant on lies behind it. */
  seed(bars: readonly { readonly at: number; readonly low: Fixed; readonly high: Fixed }[]): void {
    for (const window of this.#windows.values()) {
      for (const { at, low, high } of bars) window.seed(at - ORDER_STEP_MS, low, high)
    }
  }

  /** All that are in here, those that are spent as well. */
  handles(): ReadonlySet<number> {
    const moving = [...this.#windows.values()].flatMap((window) => [...window.handles()])
    return new Set([
      ...this.#up.handles(),
      ...this.#down.handles(),
      ...this.#apart.keys(),
      ...this.#spent,
      ...moving,
    ])
  }

  #hit(handles: Int32Array, from: Fixed | null): void {
    const stepping: number[] = []
    for (const handle of handles) if (this.#mayStep(handle)) stepping.push(handle)
    this.#removeAll(stepping)
    for (const handle of stepping) {
      this.#step(handle, from)
      this.#place(handle)
    }
  }

  #lookApart(): void {
    for (const [handle, { price, version }] of [...this.#apart]) {
      if (version >= this.#version) continue
      this.#apart.delete(handle)
      this.#look(handle, price)
    }
  }

  /** Holds one alert, which is nowhere yet, against all that came and went since the price that it saw. */
  #walk(handle: number, { price, version }: Seen): void {
    let from = price
    const missed = this.#table.is(handle, MOVES) ? [] : this.#recent.since(version)
    for (const quoted of missed) {
      this.#hold(handle, from, quoted)
      from = quoted.price
    }
    if (missed.length > 0) this.#place(handle)
    else this.#look(handle, from)
  }

  /** Holds one alert, which is nowhere yet, against the price that stands. */
  #look(handle: number, from: Fixed | null): void {
    this.#hold(handle, from, this.#now)
    this.#place(handle)
  }

  #hold(handle: number, from: Fixed | null, quoted: Quoted): void {
    if (this.#table.is(handle, SPENT)) return
    if (this.#isHit(handle, from, quoted.price) && this.#mayStep(handle, quoted.at))
      this.#step(handle, from, quoted)
  }

  #isHit(handle: number, from: Fixed | null, price: Fixed): boolean {
    const table = this.#table
    if (table.is(handle, WAITING)) return this.#isBack(handle, price)
    if (from === null) return false
    const threshold = table.mark(handle)
    if (table.is(handle, ABOVE) && from < threshold && threshold <= price) return true
    return table.is(handle, BELOW) && price <= threshold && threshold < from
  }

  #isBack(handle: number, price: Fixed): boolean {
    const table = this.#table
    if (table.is(handle, MOVES)) return true
    if (table.is(handle, ABOVE) && price <= table.downward(handle)) return true
    return table.is(handle, BELOW) && price >= table.upward(handle)
  }

  /** What is hit while it has to be silent has been hit, and is not told later. */
  #mayStep(handle: number, at = this.#at): boolean {
    return this.#table.is(handle, WAITING) || at >= this.#table.quietUntil(handle)
  }

  /** `place` has to follow. */
  #step(handle: number, from: Fixed | null, quoted = this.#now): void {
    const table = this.#table
    if (table.is(handle, WAITING)) {
      this.#tell('rearm', handle, from, quoted)
      table.rearmed(handle)
      if (table.is(handle, MOVES)) this.#countAnew(handle)
      return
    }
    this.#tell('fire', handle, from, quoted)
    if (table.is(handle, REARM)) table.fired(handle, quoted.at)
    else this.#spend(handle)
  }

  /** Among those that wait for the price to come to them, if it is not there already, and they are not spent. */
  #place(handle: number): void {
    if (this.#table.is(handle, SPENT)) return
    const price = this.#price
    if (price !== null && this.#table.is(handle, WAITING) && this.#isBack(handle, price)) {
      this.#apart.set(handle, { price, version: this.#version })
    } else this.#wait(handle)
  }

  #wait(handle: number): void {
    this.#table.set(handle, JOINING)
    this.#joining.push(handle)
  }

  #spend(handle: number): void {
    this.#table.set(handle, SPENT)
    this.#spent.add(handle)
    this.#size -= 1
  }

  /** There is a price. */
  get #now(): Quoted {
    return { price: this.#price ?? 0n, version: this.#version, at: this.#at }
  }

  #tell(kind: AlertOp['kind'], handle: number, from: Fixed | null, { price, version, at }: Quoted): void {
    const { ids } = this.#table
    const armVersion = this.#table.version(handle)
    this.#say({ kind, alertId: ids.text(handle), armVersion, value: price, from, version, at })
  }

  #removeAll(handles: readonly number[]): void {
    this.#up.removeAll(handles.filter(this.#isUpward))
    this.#down.removeAll(handles.filter(this.#isDownward))
  }

  /** One that waits is among the triggers of the other direction. */
  #isUpward = (handle: number): boolean => {
    const table = this.#table
    return !table.is(handle, MOVES) && table.is(handle, table.is(handle, WAITING) ? BELOW : ABOVE)
  }

  #isDownward = (handle: number): boolean => {
    const table = this.#table
    return !table.is(handle, MOVES) && table.is(handle, table.is(handle, WAITING) ? ABOVE : BELOW)
  }

  #move(price: Fixed): void {
    for (const window of this.#windows.values()) {
      this.#moved(window.tick({ price, at: this.#at, order: this.#order }))
    }
  }

  /** One that arms itself again does so at once: another so many per cent from here on. */
  #moved(hits: readonly MoveHit[]): void {
    for (const { handle, from } of hits) {
      this.#step(handle, from)
      if (this.#table.is(handle, WAITING)) this.#step(handle, from)
      this.#place(handle)
    }
  }

  #countAnew(handle: number): void {
    const movement = this.#table.movement(handle)
    movement.since = this.#order
    movement.price = this.#price
  }

  #settleMoving(handles: readonly number[]): void {
    const byWindow = new Map<MoveWindow, number[]>()
    for (const handle of handles) {
      const window = this.#window(handle)
      const group = byWindow.get(window)
      if (group) group.push(handle)
      else byWindow.set(window, [handle])
    }
    for (const [window, group] of byWindow) {
      window.addAll(group)
      if (!this.#ticked || this.#price === null) continue
      this.#moved(window.look({ price: this.#price, at: this.#at, order: this.#order }))
    }
    if (this.#joining.length > 0) this.settle()
  }

  #window(handle: number): MoveWindow {
    const { minutes } = this.#table.movement(handle)
    const window = this.#windows.get(minutes)
    if (window) return window
    const { mark: percent, movement, quietUntil } = this.#table
    const opened = new MoveWindow(minutes, { percent, movement, quietUntil })
    this.#windows.set(minutes, opened)
    return opened
  }

  /** What nobody counts is not remembered. */
  #tidy(): void {
    if (this.#windows.size === 0) return
    for (const [minutes, window] of this.#windows) if (window.size === 0) this.#windows.delete(minutes)
  }
}

export const UNKNOWN: Seen = { price: null, version: -1 }

/** Apart as far as doubles of this size can be. */
const ORDER_STEP_MS = 1 / 1_024

function newer(one: Seen, other: Seen): Seen {
  return one.version >= other.version ? one : other
}
