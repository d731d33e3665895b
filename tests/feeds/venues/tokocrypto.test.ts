import { expect } from 'chai'
import { binance } from '../../../src/feeds/venues/binance.js'
import { tokocrypto } from '../../../src/feeds/venues/tokocrypto.js'
import { FEEDS, recordedLines, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectUnbreakable } from '../../support/exchange-readings.js'

const TICKER =
  '{"stream":"usdtidr@miniTicker","data":{"e":"24hrMiniTicker","E":1790134512214,"s":"USDTIDR","c":"16450.00","o":"1"}}'

describe('tokocrypto', () => {
  it('is asked for what is quoted in rupiah or tether, and for nothing else', () => {
    expect(tokocrypto.symbol({ base: 'BTC', quote: 'IDR' })).to.equal('BTCIDR')
    expect(tokocrypto.symbol({ base: 'USDT', quote: 'IDR' })).to.equal('USDTIDR')
    expect(tokocrypto.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTCUSDT')
    for (const quote of ['USD', 'BTC', 'USDC', 'EUR', 'TRY', 'BNB']) {
      expect(tokocrypto.symbol({ base: 'ETH', quote }), quote).to.equal(null)
    }
    expect(tokocrypto.symbol({ base: 'USD', quote: 'IDR' })).to.equal(null)
    expect(tokocrypto.symbol({ base: 'EUR', quote: 'USDT' })).to.equal(null)
  })

  it('has an address and a name of its own and asks as Binance is asked', () => {
    expect(tokocrypto.id).to.equal('tokocrypto')
    expect(tokocrypto.url()).to.equal('wss://stream-cloud.tokocrypto.site/stream')
    expect(tokocrypto.url('ws://127.0.0.1:7/')).to.equal('ws://127.0.0.1:7/stream')
    expect(tokocrypto.subscribe(['BTCIDR'], 4)).to.equal(binance.subscribe(['BTCIDR'], 4))
    expect(tokocrypto.unsubscribe(['BTCIDR'], 5)).to.equal(binance.unsubscribe(['BTCIDR'], 5))
    expect(tokocrypto.limits.rolloverMs?.[1]).to.be.below(24 * 3_600_000)
  })

  it('reads last prices, answers and refusals', () => {
    expect(tokocrypto.read(TICKER)).to.deep.equal({
      kind: 'ticks',
      ticks: [{ symbol: 'USDTIDR', price: '16450', at: 1790134512214, order: null }],
      faults: [],
    })
    expect(tokocrypto.read('{"error":{"code":2,"msg":"Invalid request"},"id":20}')).to.deep.equal({
      kind: 'refused',
      symbols: null,
      id: 20,
      reason: 'Invalid request',
    })
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(tokocrypto, [TICKER])
  })

  it(`takes no recorded frame for a price, since none tells a last one${WITHOUT_FEEDS}`, function () {
    if (!FEEDS) this.skip()
    const kinds = recordedLines('tokocrypto').map(({ frame }) => tokocrypto.read(frame).kind)
    expect(kinds).to.deep.equal(['acknowledged', 'ignored', 'ignored', 'ignored'])
  })
})
