import type { DecodeAnswers } from './decode-process.js'
import { Child } from './harness/child.js'
import type { Bench, Figure } from './harness/figure.js'

/** Frames of an exchange read in a CPU-second of one core, beside `JSON.parse` of the same frames alone. */
export async function decode(bench: Bench): Promise<readonly Figure[]> {
  const child = new Child<DecodeAnswers>('decode-process')
  try {
    bench.progress('measuring')
    const { read, parse, bytes } = await child.ask('measure')
    const shared = {
      figure: read,
      unit: 'frames/CPU-s',
      floor: { name: 'JSON.parse', figure: parse },
    }
    return [
      {
        ...shared,
        name: 'decode: Binance mini-tickers',
        goal: { of: 'figure', atLeast: 400_000 },
        note: `best of several rounds; ${bytes} B a frame`,
      },
      { ...shared, name: 'decode: beside its floor', goal: { of: 'ratio', atLeast: 0.6 } },
    ]
  } finally {
    await child.stop()
  }
}
