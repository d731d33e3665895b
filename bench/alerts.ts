import type { AlertsAnswers } from './alerts-process.js'
import { Child } from './harness/child.js'
import type { Bench, Figure } from './harness/figure.js'

const ALERTS = 1_000_000
const INSTRUMENTS = 5_000
const ON_ONE = 500_000
const AT_ONCE = 10_000

/** Price alerts in memory: what they take, and what a quote costs, beside a walk over all alerts of its instrument. */
export async function alerts(bench: Bench): Promise<readonly Figure[]> {
  return [...(await many(bench)), ...(await one(bench))]
}

async function many(bench: Bench): Promise<readonly Figure[]> {
  const child = new Child<AlertsAnswers>('alerts-process', { execArgv: ['--expose-gc'] })
  const other = new Child<AlertsAnswers>('alerts-process', { execArgv: ['--expose-gc'] })
  try {
    bench.progress('putting a million alerts')
    const plain = await other.ask('plain', ALERTS, INSTRUMENTS)
    const { seconds, bytes } = await child.ask('load', ALERTS, INSTRUMENTS)
    bench.progress('quotes of 5,000 instruments')
    const quiet = await child.ask('quiet', INSTRUMENTS)
    const walk = await child.ask('walk', ALERTS, INSTRUMENTS)
    return [
      {
        name: 'alerts: a million put',
        figure: seconds,
        unit: 'CPU-s',
        floor: { name: 'objects in a Map', figure: plain.seconds },
        goal: null,
        note: 'without reading them from the database',
      },
      {
        name: 'alerts: memory',
        figure: bytes,
        unit: 'B/alert',
        floor: { name: 'objects in a Map', figure: plain.bytes },
        goal: { of: 'figure', atMost: 250 },
        note: 'heap and array buffers, with ids and instruments',
      },
      {
        name: 'alerts: quotes that fire nothing, 200 alerts each',
        figure: quiet,
        unit: 'quotes/CPU-s',
        floor: { name: 'walk over all of them', figure: walk },
        goal: { of: 'figure', atLeast: 50_000 },
      },
    ]
  } finally {
    await child.stop()
    await other.stop()
  }
}

async function one(bench: Bench): Promise<readonly Figure[]> {
  const child = new Child<AlertsAnswers>('alerts-process', { execArgv: ['--expose-gc'] })
  try {
    bench.progress('half a million alerts on one instrument')
    const { seconds } = await child.ask('load', ON_ONE, 1)
    const quiet = await child.ask('quiet', 1)
    const walk = await child.ask('walk', ON_ONE, 1)
    bench.progress('firing 10,000 of them')
    const rounds = [
      await child.ask('fire', AT_ONCE),
      await child.ask('fire', AT_ONCE),
      await child.ask('fire', AT_ONCE),
    ]
    if (rounds.some(({ ops }) => ops !== AT_ONCE)) throw new Error('not all of them have fired')
    return [
      {
        name: 'alerts: half a million put on one instrument',
        figure: seconds,
        unit: 'CPU-s',
        floor: null,
        goal: null,
      },
      {
        name: 'alerts: quotes that fire nothing, 500,000 alerts',
        figure: quiet,
        unit: 'quotes/CPU-s',
        floor: { name: 'walk over all of them', figure: walk },
        goal: { of: 'figure', atLeast: 50_000 },
      },
      {
        name: 'alerts: 10,000 of 500,000 fire at one quote',
        figure: Math.min(...rounds.map(({ ms }) => ms)),
        unit: 'CPU-ms',
        floor: { name: 'walk over all of them', figure: Math.min(...rounds.map(({ walkMs }) => walkMs)) },
        goal: { of: 'figure', atMost: 100 },
        note: 'until all ops are there; half of them wait to be armed again',
      },
    ]
  } finally {
    await child.stop()
  }
}
