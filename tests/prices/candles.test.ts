import { expect } from 'chai'
import fc from 'fast-check'
import { parseFixed } from '../../src/lib/decimal.js'
import { type Candle, candleStarts, INTERVALS, widened } from '../../src/prices/candle.js'
import { CandleRecorder } from '../../src/prices/candles.js'
import type { Quote } from '../../src/prices/tick.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'
import { quoteOf } from './quotes.js'

const MINUTE = 60_000
const NOON = Date.UTC(2026, 2, 10, 12)

describe('the recorder of candles', () => {
  function opened(save: (candles: readonly Candle[]) => Promise<void>, holds = (_: string) => true) {
    const clock = new FakeClock(NOON)
    return { clock, recording: new CandleRecorder({ save, holds, clock, log: readableLog().log }) }
  }

  it('lets the oldest go when there are more than it can hold', async () => {
    const saved: Candle[] = []
    let broken = true
    const { recording } = opened(async (candles) => {
      if (broken) throw new Error('away')
      expect(candles.length).to.be.at.most(1_000)
      saved.push(...candles)
    })
    const quote = quoteOf()
    for (let minute = 0; minute < 30_000; minute += 1) recording.record({ ...quote, at: minute * MINUTE })
    const failing = recording.flush()
    for (let minute = 30_000; minute < 55_000; minute += 1)
      recording.record({ ...quote, at: minute * MINUTE })
    await failing
    broken = false
    await recording.stop()
    const minutes = saved.filter(({ interval }) => interval === '1m')
    expect(minutes).to.have.lengthOf(50_000)
    expect(minutes.every(({ at }) => at >= 5_000 * MINUTE)).to.equal(true)
  })

  it('hands over minutes every few seconds, hours and days once a minute', async () => {
    const writes: string[] = []
    const { clock, recording } = opened(async (candles) => {
      writes.push(`${clock.now() - NOON} ${candles.map(({ interval }) => interval).join(' ')}`)
    })
    for (let second = 0; second < 61; second += 1) {
      recording.record(quoteOf({ at: clock.now(), price: String(second + 1) }))
      clock.advance(1_000)
      await settled()
    }
    expect(writes.slice(0, 2)).to.deep.equal(['5000 1m', '10000 1m'])
    expect(writes.slice(10)).to.deep.equal([`55000 1m`, `60000 ${INTERVALS.join(' ')}`])
    await recording.stop()
  })

  it('makes no candle of a price that is offered again while its market is closed', async () => {
    const saved: Candle[] = []
    const { recording } = opened(async (candles) => {
      saved.push(...candles)
    })
    const last = { symbol: 'BBCA.JK', price: '9450', state: 'closed' } as const
    recording.record(quoteOf({ ...last, at: NOON }))
    await recording.flush()
    for (let version = 2; version < 9; version += 1) recording.record(quoteOf({ ...last, at: NOON, version }))
    await recording.stop()
    expect(saved.map(({ interval, at }) => [interval, at])).to.deep.equal([
      ['1m', NOON],
      ['1h', NOON],
      ['1d', NOON - 12 * 60 * MINUTE],
    ])
  })

  it('writes many a few at a time so that prices can pass between, and all that is left at the end', async () => {
    const writes: number[] = []
    const { clock, recording } = opened(async (candles) => {
      writes.push(candles.length)
    })
    for (let number = 0; number < 1_600; number += 1) recording.record(quoteOf({ symbol: `C${number}-USD` }))
    clock.advance(5_000)
    await settled()
    expect(writes).to.deep.equal([500])
    clock.advance(99)
    await settled()
    expect(writes).to.deep.equal([500])
    clock.advance(1)
    await settled()
    expect(writes).to.deep.equal([500, 500])
    await recording.stop()
    expect(writes.slice(2, 4)).to.deep.equal([500, 100])
    expect(writes.reduce((sum, count) => sum + count)).to.equal(1_600 * INTERVALS.length)
  })

  it('leaves to another worker what that one holds by the time of writing', async () => {
    const saved: string[] = []
    const held = new Set(['BTC-USD', 'ETH-USD'])
    const { recording } = opened(
      async (candles) => {
        saved.push(...candles.map(({ symbol }) => symbol))
      },
      (symbol) => held.has(symbol),
    )
    for (const symbol of held) recording.record(quoteOf({ symbol, at: NOON }))
    held.delete('ETH-USD')
    await recording.flush()
    held.add('ETH-USD')
    await recording.stop()
    expect(saved).to.deep.equal(['BTC-USD', 'BTC-USD', 'BTC-USD'])
  })

  it('makes the same candles whenever they are written, whatever fails meanwhile and however late a quote is', async () => {
    const quote = fc.record({
      symbol: fc.constantFrom('BTC-USD', 'ETH-USD'),
      minute: fc.nat(2),
      price: fc.integer({ min: 1, max: 9 }),
    })
    const step = fc.oneof({ arbitrary: quote, weight: 3 }, fc.constantFrom('write', 'fail'))
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const written = new Map<string, Candle>()
        let fails = false
        const { recording } = opened(async (candles) => {
          if (fails) throw new Error('away')
          expect(new Set(candles.map(keyOf)).size).to.equal(candles.length)
          for (const candle of candles) addTo(written, candle)
        })
        const expected = new Map<string, Candle>()
        for (const [index, next] of steps.entries()) {
          if (typeof next === 'string') {
            fails = next === 'fail'
            await recording.flush()
          } else {
            const at = NOON + next.minute * MINUTE + index
            const told = quoteOf({ symbol: next.symbol, at, price: String(next.price) })
            recording.record(told)
            for (const candle of candlesOf(told)) addTo(expected, candle)
          }
        }
        fails = false
        await recording.stop()
        expect(new Map([...written].sort())).to.deep.equal(new Map([...expected].sort()))
      }),
      { numRuns: 200 },
    )
  })
})

function keyOf({ symbol, interval, at }: Candle): string {
  return `${symbol} ${interval} ${at}`
}

/** As the store does it. */
function addTo(candles: Map<string, Candle>, later: Candle): void {
  const earlier = candles.get(keyOf(later))
  candles.set(keyOf(later), earlier ? widened(earlier, later) : later)
}

/** One for each interval, of this quote alone. */
function candlesOf({ symbol, at, price, source, state }: Quote): readonly Candle[] {
  const [open, startOf] = [parseFixed(price), candleStarts()]
  const prices = { open, high: open, low: open, close: open }
  return INTERVALS.map((interval) => ({
    ...{ symbol, interval, at: startOf(symbol, interval, at), source, state },
    ...prices,
  }))
}

/** Lets what has been resolved go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
