import { expect } from 'chai'
import { Admission } from '../../src/prices/admission.js'
import { PriceBoard } from '../../src/prices/board.js'
import { eventually } from '../support/exchange-clock.js'
import { FeedsStage } from '../support/feeds-stage.js'
import type { TestExchange } from '../support/test-exchange.js'

const SECOND = 1_000
const HOUR = 3_600 * SECOND

describe('the feeds, when a venue’s clock is wrong', () => {
  let stage: FeedsStage

  beforeEach(() => {
    stage = new FeedsStage()
  })

  afterEach(() => stage.close())

  async function openTwo(skewMs: number): Promise<readonly [TestExchange, TestExchange]> {
    const first = await stage.open('coinbase', { 'BTC-USD': '100' })
    const second = await stage.open('kraken', { 'BTC/USD': '101' })
    await stage.open('bitstamp', { btcusd: '102' })
    first.skewMs = skewMs
    stage.listen(['BTC-USD'])
    await eventually(() => stage.offers.length > 0 && stage.witnesses.length > 0)
    return [first, second]
  }

  /** What is shown of all that was offered. */
  function shown(): { readonly source: string; readonly state: string } | undefined {
    const now = () => stage.clock.now()
    const board = new PriceBoard({ now })
    const admission = new Admission({ board, now })
    for (const offer of stage.offers) admission.decide(offer)
    board.sweep()
    return board.get('BTC-USD')?.price
  }

  for (const [name, skewMs] of [
    ['ahead', HOUR],
    ['behind', -HOUR],
  ] as const) {
    it(`show another venue’s price within five seconds of its going an hour ${name}`, async () => {
      const [first] = await openTwo(0)
      await stage.pass(10 * SECOND)
      await stage.open('bitstamp', { btcusd: '102' })
      first.skewMs = skewMs
      const since = stage.clock.now()
      await stage.until(() => stage.route()?.active === 'kraken' || stage.clock.now() - since > 2.5 * SECOND)
      expect(stage.clock.now() - since).to.be.at.most(5 * SECOND)
      expect(shown()).to.deep.include({ source: 'kraken', state: 'live' })
    })

    it(`show another venue’s price when it is an hour ${name} from the beginning`, async () => {
      await openTwo(skewMs)
      await stage.pass(10 * SECOND)
      expect(shown()).to.deep.include({ source: 'kraken', state: 'live' })
    })
  }

  it('keep a third venue warm when the clock of the first has been wrong for ten minutes', async () => {
    await openTwo(HOUR)
    await stage.pass(9 * 60 * SECOND, 2.5 * SECOND)
    expect(stage.route()).to.deep.include({ active: 'kraken', standby: 'coinbase' })
    await stage.pass(2 * 60 * SECOND, 2.5 * SECOND)
    expect(stage.route()).to.deep.include({ active: 'kraken', standby: 'bitstamp' })
  })
})
