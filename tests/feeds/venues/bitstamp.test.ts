import { expect } from 'chai'
import { bitstamp } from '../../../src/feeds/venues/bitstamp.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, sessionFrames, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const TRADE =
  '{"data":{"id":590708212,"timestamp":"1781416599","amount":0.00024876,"amount_str":"0.00024876","price":64319.29,' +
  '"price_str":"64319.29","type":0,"microtimestamp":"1781416599325123","buy_order_id":2017614334640128},' +
  '"channel":"live_trades_btcusd","event":"trade"}'

function trade(fields: Record<string, unknown>): string {
  const message = JSON.parse(TRADE)
  return JSON.stringify({ ...message, data: { ...message.data, ...fields } })
}

/** A trade without the twin, its price as it is written. */
function untwinned(price: string): string {
  return TRADE.replace(/"price":64319.29,"price_str":"64319.29"/, `"price":${price}`)
}

function ticked(price: string, order: number | null = 590708212) {
  const tick = { symbol: 'btcusd', price, at: 1781416599325.123, order }
  return { kind: 'ticks', ticks: [tick], faults: [] }
}

describe('bitstamp', () => {
  it('names pairs that it quotes in lower case, and no others', () => {
    expect(bitstamp.symbol({ base: 'BTC', quote: 'USD' })).to.equal('btcusd')
    expect(bitstamp.symbol({ base: 'EUR', quote: 'USD' })).to.equal('eurusd')
    expect(bitstamp.symbol({ base: 'USDT', quote: 'EUR' })).to.equal('usdteur')
    expect(bitstamp.symbol({ base: 'USD', quote: 'EUR' })).to.equal(null)
    expect(bitstamp.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(bitstamp.url()).to.equal('wss://ws.bitstamp.net')
    expect(bitstamp.url('ws://127.0.0.1:9/')).to.equal('ws://127.0.0.1:9')
  })

  it('asks for the trades of one pair in each message, in fewer than 512 bytes', () => {
    const asked = { event: 'bts:subscribe', data: { channel: 'live_trades_btcusd' } }
    expect(JSON.parse(bitstamp.subscribe(['btcusd'], 1))).to.deep.equal(asked)
    const dropped = bitstamp.unsubscribe(['btcusd'], 2) ?? ''
    expect(JSON.parse(dropped)).to.deep.equal({ ...asked, event: 'bts:unsubscribe' })
    expect(bitstamp.limits.symbolsPerMessage).to.equal(1)
    expect(bitstamp.limits.maxSymbols).to.be.below(1024)
  })

  it('is replaced long before ninety days, by a timer that can run so long', () => {
    const [min, max] = bitstamp.limits.rolloverMs ?? [0, 0]
    expect(min).to.be.above(0)
    expect(max).to.be.within(min, 2 ** 31 - 1)
  })

  it('beats for itself and reads the answer as a heartbeat', () => {
    expect(JSON.parse(bitstamp.ping?.frame(1) ?? '')).to.deep.equal({ event: 'bts:heartbeat' })
    const answer = '{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}'
    expect(bitstamp.read(answer).kind).to.equal('heartbeat')
  })

  it('reads trades from the text of the price, with their microseconds and their id', () => {
    expect(bitstamp.read(TRADE)).to.deep.equal(ticked('64319.29'))
    expect(bitstamp.read(trade({ price_str: '1E-8' }))).to.deep.equal(ticked('0.00000001'))
    const long = trade({ price: 1, price_str: '0.1234567890123456789'.slice(0, 20) })
    expect(bitstamp.read(long)).to.deep.equal(ticked('0.123456789012345678'))
  })

  it('reads a price without a twin from the digits that were sent', () => {
    const exact: [string, string][] = [
      ['64319.290000000001', '64319.290000000001'],
      ['57748.80', '57748.8'],
      ['1e-08', '0.00000001'],
      ['12345678901234567890', '12345678901234567890'],
    ]
    for (const [sent, price] of exact) {
      expect(bitstamp.read(untwinned(sent)), sent).to.deep.equal(ticked(price))
    }
  })

  it('leaves the order open where the id is too large to be exact', () => {
    const large = TRADE.replace('"id":590708212', '"id":2001939623936278528,"id_str":"2001939623936278528"')
    expect(bitstamp.read(large)).to.deep.equal(ticked('64319.29', null))
    const untold = TRADE.replace('"id":590708212', '"id":2001939623936278528')
    expect(bitstamp.read(untold)).to.deep.equal(ticked('64319.29', null))
    expect(bitstamp.read(trade({ id_str: '77' }))).to.deep.equal(ticked('64319.29', 77))
  })

  it('reads acknowledgements, refusals and the wish that we come again', () => {
    const acknowledged = (channel: string) =>
      bitstamp.read(JSON.stringify({ event: 'bts:subscription_succeeded', channel, data: {} }))
    expect(acknowledged('live_trades_btcusd')).to.deep.equal({
      kind: 'acknowledged',
      symbols: ['btcusd'],
      id: null,
    })
    expect(acknowledged('order_book_btcusd')).to.deep.equal({ kind: 'acknowledged', symbols: [], id: null })
    const error = (message: string, channel = '') =>
      bitstamp.read(JSON.stringify({ event: 'bts:error', channel, data: { code: null, message } }))
    const reason = 'Bad subscription string.'
    expect(error(reason)).to.deep.equal({ kind: 'refused', symbols: null, id: null, reason })
    expect(error(reason, 'live_trades_BTCUSD')).to.deep.include({ kind: 'refused', symbols: ['BTCUSD'] })
    expect(error('Too many requests').kind).to.equal('throttled')
    for (const data of ['', {}]) {
      const wish = JSON.stringify({ event: 'bts:request_reconnect', channel: '', data })
      expect(bitstamp.read(wish).kind).to.equal('ending')
    }
  })

  it('passes over what it did not ask for', () => {
    const others: [string, string][] = [
      ['{"event":"data","channel":"order_book_btcusd","data":{"bids":[["1","2"]]}}', 'ignored'],
      ['{"event":"order_created","channel":"live_orders_btcusd","data":{"price_str":"5"}}', 'ignored'],
      ['{"event":"trade","channel":"my_trades_btcusd","data":{"price_str":"5"}}', 'ignored'],
      ['{"event":"bts:unsubscription_succeeded","channel":"live_trades_btcusd","data":{}}', 'ignored'],
      ['{"event":"trade","channel":"live_trades_btcusd"}', 'malformed'],
      ['{"channel":"live_trades_btcusd"}', 'malformed'],
      ['[]', 'malformed'],
      ['', 'malformed'],
    ]
    for (const [frame, kind] of others) expect(bitstamp.read(frame).kind, frame).to.equal(kind)
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [Record<string, unknown>, string][] = [
      [{ price_str: '0.00' }, 'price-zero'],
      [{ price_str: '-1' }, 'price-negative'],
      [{ price_str: 'NaN' }, 'price-not-a-number'],
      [{ price_str: '1e30' }, 'price-not-a-number'],
      [{ price_str: '' }, 'price-missing'],
      [{ price_str: null, price: null }, 'price-missing'],
      [{ price_str: undefined, price: 0 }, 'price-zero'],
      [{ microtimestamp: undefined }, 'time-missing'],
      [{ microtimestamp: 1781416599325123 }, 'time-not-a-number'],
      [{ microtimestamp: '-5' }, 'time-not-a-number'],
      [{ microtimestamp: '1781416599' }, 'time-out-of-range'],
    ]
    for (const [fields, reason] of reasons) {
      expect(bitstamp.read(trade(fields)), JSON.stringify(fields)).to.deep.equal({
        kind: 'malformed',
        reason,
      })
    }
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(bitstamp, [TRADE, untwinned('5.5'), '{"event":"bts:error","data":{"message":"x"}}'])
  })

  it(`gives each recorded frame its reading${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) this.skip()
    const frames = [
      ...recordedLines('bitstamp').map(({ frame }) => frame),
      ...(await sessionFrames('bitstamp')),
    ]
    const kinds: Record<string, string> = {
      'bts:subscription_succeeded': 'acknowledged',
      'bts:heartbeat': 'heartbeat',
      'bts:error': 'refused',
    }
    let priced = 0
    for (const frame of frames) {
      const { event, channel, data } = JSON.parse(frame)
      const reading = bitstamp.read(frame)
      if (event === 'trade') {
        const [tick] = reading.kind === 'ticks' ? reading.ticks : []
        if (!tick) throw new Error(`no tick: ${frame}`)
        expectSaneTick(tick)
        priced += 1
        const order = Number.isSafeInteger(data.id) ? data.id : null
        const expected = [channel.slice(12), plainDecimal(data.price_str), data.microtimestamp / 1000, order]
        expect([tick.symbol, tick.price, tick.at, tick.order]).to.deep.equal(expected)
      } else {
        expect(reading.kind, frame).to.equal(kinds[event] ?? 'ignored')
        if (reading.kind === 'acknowledged') {
          const symbols = channel.startsWith('live_trades_') ? [channel.slice(12)] : []
          expect(reading.symbols).to.deep.equal(symbols)
        }
      }
    }
    expect(priced).to.equal(10 + 10 + 4)
  })
})
