import { loadavg } from 'node:os'
import type { BacklogAnswers } from './backlog-process.js'
import { Child } from './harness/child.js'
import { type Bench, type Figure, percentile, type Skipped } from './harness/figure.js'
import { hasPostgres, NO_POSTGRES, startPostgres } from './harness/postgres.js'

const USERS = 20_000
const ONE_BY_ONE = 1_000
const OF_ONE = 100_000
const OTHERS = 100_000
const CLAIMS = 40

/** What a worker finds waiting: portfolios to be loaded at its start and at midnight, and webhooks to be sent. */
export async function backlog(bench: Bench): Promise<readonly (Figure | Skipped)[]> {
  if (!hasPostgres()) return [{ name: 'backlog', skipped: NO_POSTGRES }]
  return [...(await portfolios(bench)), ...(await deliveries(bench))]
}

async function portfolios(bench: Bench): Promise<readonly Figure[]> {
  const postgres = await startPostgres()
  const child = new Child<BacklogAnswers>('backlog-process')
  try {
    bench.progress(`writing the portfolios of ${USERS} users`)
    await child.ask('writePortfolios', postgres.url, USERS)
    bench.progress('loading them')
    const bare = await child.ask('readBare', postgres.url, USERS)
    const alone = await child.ask('loadEach', postgres.url, ONE_BY_ONE)
    const { each, batch, longest } = await child.ask('loadAll', postgres.url, USERS)
    return [
      {
        name: 'backlog: portfolios with alerts, loaded in batches',
        figure: each,
        unit: 'ms/user',
        floor: { name: 'bare SELECT of the same rows, as text', figure: bare },
        goal: { of: 'figure', atMost: 0.5 },
        note: `${USERS} users, ${batch.toFixed(0)} in a batch, the longest ${longest.toFixed(0)} ms; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
      },
      {
        name: 'backlog: the same one by one, as a web process does',
        figure: alone,
        unit: 'ms/user',
        floor: { name: 'bare SELECT of the same rows, as text', figure: bare },
        goal: null,
        note: 'four at a time',
      },
    ]
  } finally {
    await child.stop()
    await postgres.stop()
  }
}

async function deliveries(bench: Bench): Promise<readonly Figure[]> {
  const postgres = await startPostgres()
  const child = new Child<BacklogAnswers>('backlog-process')
  try {
    bench.progress(`writing ${OF_ONE + OTHERS} deliveries`)
    await child.ask('writeDeliveries', postgres.url, { ofOne: OF_ONE, others: OTHERS })
    bench.progress('claiming some of them')
    const bare = await child.ask('updates', postgres.url, CLAIMS)
    const { each, until } = await child.ask('claims', postgres.url, CLAIMS)
    const note = `64 of ${OF_ONE} of one webhook and one of each of ${OTHERS} others; load ${(loadavg()[0] ?? 0).toFixed(1)}`
    return [
      ...([0.5, 0.99] as const).map((part): Figure => {
        const name = `p${part * 100}`
        return {
          name: `backlog: a claim of webhook deliveries, ${name}`,
          figure: percentile(each, part),
          unit: 'ms',
          floor: { name: `bare UPDATE of as many rows, ${name}`, figure: percentile(bare, part) },
          goal: part === 0.5 ? { of: 'figure', atMost: 20 } : null,
          ...(part === 0.5 && { note }),
        }
      }),
      {
        name: 'backlog: claims until the single delivery of a webhook is among them',
        figure: until === 0 ? Number.POSITIVE_INFINITY : until,
        unit: 'claims',
        floor: null,
        goal: { of: 'figure', atMost: CLAIMS },
        note: 'due in the midst of the long line, its webhook the last in the order of ids',
      },
    ]
  } finally {
    await child.stop()
    await postgres.stop()
  }
}
