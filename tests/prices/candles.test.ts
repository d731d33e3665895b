import { expect } from 'chai'
import { type Candle, INTERVALS } from '../../src/prices/candle.js'
import { CandleRecorder } from '../../src/prices/candles.js'
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
})

/** Lets what has been resolved go on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
