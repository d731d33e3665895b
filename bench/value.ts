import { Child } from './harness/child.js'
import type { Bench, Figure } from './harness/figure.js'
import type { ValueAnswers } from './value-process.js'

/** Positions valued in a CPU-second of one core by the product's `value()`, beside decimal.js. */
export async function value(bench: Bench): Promise<readonly Figure[]> {
  // A process for each, so that neither works among what the other left behind.
  const ours = new Child<ValueAnswers>('value-process')
  const theirs = new Child<ValueAnswers>('value-process')
  try {
    bench.progress('comparing both to the last digit')
    const { portfolios, texts } = await theirs.ask('compare')
    bench.progress('measuring')
    const harta = await ours.ask('measure', 'harta')
    const decimals = await theirs.ask('measure', 'decimals')
    return [
      {
        name: 'value: positions of portfolios of ten',
        figure: harta,
        unit: 'positions/CPU-s',
        floor: { name: 'decimal.js', figure: decimals },
        goal: { of: 'figure', atLeast: 4_000_000 },
        note: `best of several rounds; ${texts} amounts of ${portfolios} portfolios equal to the last digit`,
      },
    ]
  } finally {
    await ours.stop()
    await theirs.stop()
  }
}
