/** What a child process can be asked; see child.ts. */
export type Answers = Readonly<Record<string, (...given: never[]) => unknown>>

interface Question {
  readonly id: number
  readonly name: string
  readonly given: readonly never[]
}

/** Answers the parent's questions until it lets go of this process; `close` ends what was opened. */
export function answer(handlers: Answers, close: () => unknown = () => {}): void {
  process.on('message', ({ id, name, given }: Question) => {
    void (async () => {
      try {
        const value = await handlers[name]?.(...given)
        process.send?.({ id, value })
      } catch (error) {
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
      }
    })()
  })
  process.once('disconnect', () => {
    void Promise.resolve()
      .then(close)
      .catch((error: unknown) => console.error(error))
      .finally(() => process.exit(0))
  })
}

/** User and system time of this process so far, in seconds. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

export interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly external: number
}

/** Bytes in use after full collections; needs --expose-gc. */
export async function memoryInUse(): Promise<Memory> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('start this process with --expose-gc')
  for (let round = 0; round < 4; round += 1) {
    await gc({ type: 'major', execution: 'async', flavor: 'last-resort' })
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { rss, heapUsed, external } = process.memoryUsage()
  return { rss, heapUsed, external }
}
