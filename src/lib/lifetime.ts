/**
 * Whoever opens says how to close. Closing runs last in first out, goes on after a failure, runs once, and
 * reports every failure at the end. When start-up fails half-way, what was opened until then is closed.
 */
export class Lifetime {
  readonly #closers: (() => unknown)[] = []
  #closing: Promise<void> | null = null

  /** Remembers how to close `thing` and hands it back. */
  add<T>(thing: T, close: (thing: T) => unknown): T {
    if (this.#closing) throw new Error('this lifetime has ended')
    this.#closers.push(() => close(thing))
    return thing
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll()
    return this.#closing
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.splice(0).reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'several things could not be closed')
  }
}

/** Opens a house inside `build`; closes what was opened when `build` fails, otherwise hands the result back. */
export async function openAll<T>(
  build: (life: Lifetime) => Promise<T>,
): Promise<{ value: T; life: Lifetime }> {
  const life = new Lifetime()
  try {
    return { value: await build(life), life }
  } catch (error) {
    await life.close().catch(() => {})
    throw error
  }
}
