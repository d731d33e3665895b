import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../lib/clock.js'

/** A loop over very many calls `isOver` after each of them and, when it is, waits for `next`, so that others have their turn. */
export function turns(clock: Clock): { isOver(): boolean; next(): Promise<void> } {
  let began = clock.now()
  return {
    isOver: () => clock.now() - began >= TURN_MS,
    async next() {
      await turn()
      began = clock.now()
    },
  }
}

const TURN_MS = 8
