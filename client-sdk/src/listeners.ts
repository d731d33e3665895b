/** A readable value that tells when it changed: the shape `useSyncExternalStore` takes. */
export interface Store<T> {
  subscribe(listener: () => void): () => void
  getSnapshot(): T
}

export type Report = (error: unknown) => void

/** Errors of a subscriber go where uncaught errors go, and never to its neighbours. */
export const reportUncaught: Report = (error) => {
  if (typeof reportError === 'function') reportError(error)
  else console.error(error)
}

/**
 * Subscribers to one thing. `notify` is coalesced: however often it is called, each subscriber runs once in
 * the next microtask and reads the latest value then.
 */
export class Listeners {
  readonly #all = new Set<{ run: () => void }>()
  readonly #report: Report
  #pending = false

  constructor(report: Report) {
    this.#report = report
  }

  /** The same function may be added twice; each addition is removed by its own answer. */
  add(run: () => void): () => void {
    const entry = { run }
    this.#all.add(entry)
    return () => {
      this.#all.delete(entry)
    }
  }

  notify(): void {
    if (this.#pending) return
    this.#pending = true
    queueMicrotask(() => {
      this.#pending = false
      for (const entry of [...this.#all]) {
        if (this.#all.has(entry)) guard(entry.run, this.#report)
      }
    })
  }
}

/** Runs a subscriber's function; what it throws, now or in its promise, is reported and goes no further. */
export function guard(run: () => unknown, report: Report): void {
  try {
    const result = run()
    if (result instanceof Promise) result.catch(report)
  } catch (error) {
    report(error)
  }
}
