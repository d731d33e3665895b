import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a computation may go on before others have a turn. */
const SLICE_MS = 5

/**
 * Long computations for one user beside the sockets of all others. `due` is cheap enough to be asked in every
 * round; whoever finds it true awaits `give`.
 */
export interface Turns {
  due(): boolean
  give(): Promise<void>
}

export function turns(): Turns {
  let since = performance.now()
  return {
    due: () => performance.now() - since > SLICE_MS,
    async give() {
      await nextTurn()
      since = performance.now()
    },
  }
}
