import type { Fixed } from '../lib/decimal.js'
import { AlertTable, type LoadedAlert, SPENT, WAITING } from './alert-table.js'
import type { AlertOp } from './ops.js'
import { PriceBook, UNKNOWN } from './price-book.js'

/**
 * The price alerts of the instruments that are this worker's, evaluated in memory. What is decided here runs ahead
 * of the database: each step is handed on as an op, and is true here from then on, unless `refused` says that it was
 * not. So a reading from the database that is older than what is known here is an echo and changes nothing.
 *
 * What an alert has seen is known from three sides: its own previous price, the mark up to which its instrument was
 * evaluated before, and the quotes since. From the newer of the first two to the quote that stands is looked at when
 * it is put, so that nothing is lost between its creation and its loading, or from one worker to the next.
 */
export class PriceAlerts {
  readonly #emit: (op: AlertOp) => void
  readonly #table = new AlertTable<PriceBook>()
  readonly #books = new Map<string, PriceBook>()
  /** By either symbol of a ratio. */
  readonly #ratios = new Map<string, Set<PriceBook>>()
  /** Ratios that may be nobody's: opened just now, or without their last alert. */
  readonly #idle = new Set<PriceBook>()
  readonly #dirty = new Set<PriceBook>()
  readonly #past = new Set<PriceBook>()
  #ops: AlertOp[] = []

  constructor(options: { emit: (op: AlertOp) => void }) {
    this.#emit = options.emit
  }

  /** Alerts that may still fire or be armed again. */
  get size(): number {
    let size = 0
    for (const book of this.#books.values()) size += book.size
    return size
  }

  /** Adds it, or puts it in place of what is known of it, if that is older. */
  put(alert: LoadedAlert): void {
    this.putAll([alert])
  }

  /** The same for many, at less cost for each. */
  putAll(alerts: Iterable<LoadedAlert>): void {
    const joined = new Set<PriceBook>()
    for (const alert of alerts) {
      if (!this.#isNews(alert)) continue
      joined.add(this.#join(alert))
    }
    for (const book of joined) book.settle()
    this.#handOn()
  }

  /** It is deleted, paused or has expired. */
  remove(id: string): void {
    const handle = this.#table.ids.find(id)
    if (handle < 0) return
    this.#drop(handle)
    this.#handOn()
  }

  /** What was decided of it did not count; it will be put again as it stands in the database. */
  refused(id: string): void {
    this.remove(id)
  }

  /** The price up to which the alerts of this name were evaluated before; before they are put. */
  mark(name: string, price: Fixed, version: number): void {
    this.#book(name).mark(price, version)
  }

  /**
   * A quote of a symbol, or of a ratio `A/B`; one that is not newer than the last changes nothing. `at` is its
   * instant in ms since the epoch.
   */
  tick(name: string, price: Fixed, version: number, at: number): void {
    const book = this.#book(name)
    const ticked = book.tick(price, version, at)
    if (ticked === 'nothing') return
    this.#dirty.add(book)
    if (ticked === 'past') this.#past.add(book)
    if (this.#ops.length > 0) this.#handOn()
  }

  /**
   * What happened before the first tick, for the windows of the alerts that are here by now. `at` is the start of a
   * minute, and all of it counts as of then: rather too little of what is half in a window than too much.
   */
  seedMoves(
    name: string,
    bars: readonly { readonly at: number; readonly low: Fixed; readonly high: Fixed }[],
  ): void {
    this.#books.get(name)?.seed(bars)
  }

  /** The name is not ours any more. */
  forget(name: string): void {
    const book = this.#books.get(name)
    if (!book) return
    for (const handle of book.handles()) this.#table.remove(handle)
    this.#books.delete(name)
    this.#dirty.delete(book)
    this.#past.delete(book)
    for (const symbol of symbolsOf(name)) {
      const books = this.#ratios.get(symbol)
      books?.delete(book)
      if (books?.size === 0) this.#ratios.delete(symbol)
    }
  }

  /** Lets go of ratios that nobody asks for: there may be as many as pairs of symbols. */
  tidy(): void {
    for (const book of this.#idle) {
      const isOpen = this.#books.get(book.name) === book
      if (isOpen && book.size === 0 && book.handles().size === 0) this.forget(book.name)
    }
    this.#idle.clear()
  }

  /** Everything that was ticked, marked or put. */
  names(): Iterable<string> {
    return this.#books.keys()
  }

  /** The ratios with alerts in which this symbol takes part. */
  ratiosOf(symbol: string): readonly string[] {
    const books = this.#ratios.get(symbol)
    if (!books) return []
    return [...books].flatMap(({ name, size }) => (size > 0 ? [name] : []))
  }

  /** The last quotes of names with alerts that have been ticked since the last call. */
  dirtyMarks(): Map<string, Standing> {
    const marks = standingOf(new Set([...this.#dirty, ...this.#past]))
    this.#dirty.clear()
    this.#past.clear()
    return marks
  }

  /**
   * Only those of them that came past somebody's mark. Whoever begins with a quote from between the same marks as the
   * last one decides the same, so the others need not be kept at once.
   */
  pastMarks(): Map<string, Standing> {
    const marks = standingOf(this.#past)
    this.#past.clear()
    return marks
  }

  /** Whether it is newer than what is known of it, which is dropped then. */
  #isNews(alert: LoadedAlert): boolean {
    const table = this.#table
    const isOver = alert.state === 'fired' && alert.repeat === 'once'
    const handle = table.ids.find(alert.id)
    if (handle < 0) return !isOver
    const newer = alert.armVersion - table.version(handle)
    const hasFired = table.is(handle, WAITING | SPENT)
    const isLater = newer > 0 || (newer === 0 && alert.state === 'fired' && !hasFired)
    if (isLater || (newer === 0 && isOver)) {
      this.#drop(handle)
      return !isOver
    }
    if (newer === 0 && hasFired === (alert.state === 'fired')) table.book(handle)?.snooze(handle, alert)
    return false
  }

  #join(alert: LoadedAlert): PriceBook {
    const { symbol, per, previous: price, previousVersion } = alert
    const book = this.#book(per === null ? symbol : `${symbol}/${per}`)
    if (book.size === 0) this.#wake(book)
    // What it has seen is now the quote that stands, if there is one.
    if (book.standing) this.#past.add(book)
    book.join(this.#table.add(alert, book), { price, version: previousVersion ?? UNKNOWN.version })
    return book
  }

  #drop(handle: number): void {
    const book = this.#table.book(handle)
    book?.leave(handle)
    if (book?.size === 0) this.#idled(book)
    this.#table.remove(handle)
  }

  /** Its first alert comes: whoever it may concern has not heard of it so far. */
  #wake(book: PriceBook): void {
    for (const symbol of symbolsOf(book.name)) {
      const books = this.#ratios.get(symbol)
      if (books) books.add(book)
      else this.#ratios.set(symbol, new Set([book]))
    }
  }

  #book(name: string): PriceBook {
    const book = this.#books.get(name)
    if (book) return book
    const opened = new PriceBook(name, this.#table, (op) => this.#ops.push(op))
    this.#books.set(name, opened)
    this.#idled(opened)
    return opened
  }

  #idled(book: PriceBook): void {
    if (symbolsOf(book.name).length > 0) this.#idle.add(book)
  }

  /** At the end, when all is in its place again, as nobody knows what hearing of it leads to. */
  #handOn(): void {
    const ops = this.#ops
    this.#ops = []
    for (const op of ops) this.#emit(op)
  }
}

interface Standing {
  readonly price: Fixed
  readonly version: number
  readonly at: number
}

function standingOf(books: Iterable<PriceBook>): Map<string, Standing> {
  const marks = new Map<string, Standing>()
  for (const { name, size, standing } of books) if (size > 0 && standing) marks.set(name, standing)
  return marks
}

/** Of a ratio; a symbol is no ratio. */
function symbolsOf(name: string): readonly string[] {
  return name.includes('/') ? name.split('/') : []
}
