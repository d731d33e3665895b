import type { Tx } from '../database/database.js'

/**
 * Has what follows in this transaction go along indexes. Whoever claims reads the ends of long lines, and the planner,
 * of a table that has grown since it was analyzed, takes the whole line for short and sorts it each time.
 */
export async function goByIndex(tx: Tx): Promise<void> {
  await tx.$queryRaw`
    SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_seqscan', 'off', true)`
}
