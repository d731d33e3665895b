import { type Fixed, ONE, parseFixed } from '../lib/decimal.js'
import type { Ratio } from './lots.js'
import { mistake } from './mistake.js'

/** Of a split: new units for old ones, kept as two whole numbers, so that what is a third stays a third. */
const MOST = 2n ** 31n - 1n

/** From `3:2`, or from its factor `1.5`; both where they say the same. Throws AppError `invalid`. */
export function readRatio(input: {
  readonly ratio?: string | undefined
  readonly quantity?: string | undefined
}): Ratio {
  if (input.ratio !== undefined) {
    const [numerator = '', denominator = ''] = input.ratio.split(':')
    const ratio = bounded(BigInt(numerator), BigInt(denominator), '/ratio')
    if (
      input.quantity !== undefined &&
      parseFixed(input.quantity) * ratio.denominator !== ONE * ratio.numerator
    )
      throw mistake('/quantity', 'is another factor than ratio')
    return ratio
  }
  const factor: Fixed = parseFixed(input.quantity ?? '0')
  return bounded(factor, ONE, '/quantity')
}

export function writeRatio({ numerator, denominator }: Ratio): string {
  return `${numerator}:${denominator}`
}

function bounded(numerator: bigint, denominator: bigint, pointer: string): Ratio {
  if (numerator <= 0n || denominator <= 0n) throw mistake(pointer, 'must be more than zero')
  const common = commonDivisor(numerator, denominator)
  const ratio = { numerator: numerator / common, denominator: denominator / common }
  if (ratio.numerator <= MOST && ratio.denominator <= MOST) return ratio
  throw mistake(pointer, `must be a ratio of whole numbers up to ${MOST}`)
}

function commonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a, b]
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller]
  return larger
}
