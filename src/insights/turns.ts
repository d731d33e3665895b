import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a computation may go on before others have a turn. */
const SLICE_MS = 5

/**
 * Long computations for one user beside the sockets of all others. `due` is cheap enough to be asked in every
 * round; whoever finds it true awaits `give`. Between two slices, of whichever computations, everything else that
 * waits has its turn: many of them at once take longer each, and slow nobody else.
 */
export interface Turns {
  due(): boolean
  give(): Promise<void>
}

let queue: Promise<void> = Promise.resolve()

export function turns(): Turns {
  let since = performance.now()
  return {
    due: () => performance.now() - since > SLICE_MS,
    async give() {
      queue = queue.then(() => nextTurn())
      await queue
      since = performance.now()
    },
  }
}

/** Activities of which the whole ledger takes megabytes and some hundred milliseconds. */
const MANY = 2_000
const MOST_LARGE = 8

const waiting: (() => void)[] = []
let large = 0

/** Runs `work` on a ledger of so many activities; of large ones no more than a few at once, in order. */
export async function inTurn<T>(activities: number, work: () => Promise<T>): Promise<T> {
  if (activities < MANY) return work()
  if (large >= MOST_LARGE) await new Promise<void>((resolve) => waiting.push(resolve))
  else large += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else large -= 1
  }
}
