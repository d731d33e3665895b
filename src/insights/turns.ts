import { setImmediate as nextTurn } from 'node:timers/promises'
import { AppError } from '../lib/errors.js'

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

/** What takes megabytes and some hundred milliseconds. */
const MANY = 2_000
const MOST_LARGE = 8
const MOST_WAITING_OF_ONE = 20

interface Waiting {
  readonly userId: string
  readonly begin: () => void
}

/** Users whose large work is being done, one of each at a time. */
const busy = new Set<string>()
let waiting: Waiting[] = []

/**
 * Runs `work` of a user, which is as much as so many activities take. Large ones wait for each other: one of each
 * user at a time, and no more than a few in all, so that nobody who asks again and again holds up the others.
 * Throws AppError limited `too-many-at-once` when too many of a user's wait already.
 */
export async function inTurn<T>(userId: string, size: number, work: () => Promise<T>): Promise<T> {
  if (size < MANY) return work()
  if (!mayBegin(userId)) {
    if (waiting.filter((one) => one.userId === userId).length >= MOST_WAITING_OF_ONE) throw tooMany()
    await new Promise<void>((begin) => waiting.push({ userId, begin }))
  } else busy.add(userId)
  try {
    return await work()
  } finally {
    busy.delete(userId)
    const next = waiting.find((one) => mayBegin(one.userId))
    if (next) {
      waiting = waiting.filter((one) => one !== next)
      busy.add(next.userId)
      next.begin()
    }
  }
}

function mayBegin(userId: string): boolean {
  return busy.size < MOST_LARGE && !busy.has(userId)
}

function tooMany(): AppError {
  const detail = 'Too many large questions at once; wait for the answers to those that were asked.'
  return new AppError('limited', 'too-many-at-once', detail, { retryAfterSeconds: 5 })
}
