import type { Clock } from '../lib/clock.js'
import type { Lifetime } from '../lib/lifetime.js'
import type { Log } from '../lib/log.js'
import type { Coordination } from '../prices/coordination.js'
import { type WorkerReport, workerReport } from './schema.js'

const REPORT_MS = 2_000
/** A worker that has not reported for so long is not shown any more. */
const KEPT_MS = 10_000
const PREFIX = 'feeds:'

/** Leaves a worker's report where every web process finds it, every two seconds. */
export function startReporting(
  life: Lifetime,
  options: {
    readonly coordination: Coordination
    readonly member: string
    readonly report: () => WorkerReport
    readonly clock: Clock
    readonly log: Log
  },
): void {
  const { coordination, member, report, clock, log } = options
  const tell = (forMs: number): Promise<void> =>
    coordination
      .report(PREFIX + member, forMs === 0 ? '' : JSON.stringify(report()), forMs)
      .catch((error: unknown) => log.debug({ err: error }, 'the report of the feeds was not heard'))
  life.add(
    clock.every(REPORT_MS, () => void tell(KEPT_MS)),
    (cancel) => {
      cancel()
      return tell(0)
    },
  )
}

/** The reports of all workers that are alive; rejects when they cannot be read. */
export async function readReports(coordination: Coordination): Promise<readonly WorkerReport[]> {
  const texts = [...(await coordination.reports(PREFIX)).values()]
  return texts.flatMap((text) => parse(text) ?? []).sort((a, b) => (a.member < b.member ? -1 : 1))
}

/** Workers of another version may report otherwise; what is not understood is left out. */
function parse(text: string): WorkerReport | null {
  try {
    return workerReport.parse(JSON.parse(text))
  } catch {
    return null
  }
}
