import { expect } from 'chai'
import { kucoin } from '../../../src/feeds/venues/kucoin.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { recordedFrames, withoutFrames } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const TICKER =
  '{"type":"message","topic":"/market/ticker:BTC-USDT","subject":"trade.ticker","data":{"sequence":"14691455768",' +
  '"price":"67220.10","size":"0.1","bestAsk":"67218.7","bestBid":"67218.6","time":1729757723612}}'
const MATCH =
  '{"topic":"/market/match:ETH-BTC","type":"message","subject":"trade.l3match","data":{"price":"0.0420","symbol":' +
  '"ETH-BTC","sequence":"1614503482134","side":"buy","time":"1729843222921123456","tradeId":"7","type":"match"}}'
const ANSWER = {
  code: '200000',
  data: {
    token: '2neAiu+YvAU=',
    instanceServers: [
      { endpoint: 'wss://ws-api-spot.kucoin.com/', protocol: 'websocket', pingInterval: 18000 },
    ],
  },
}

function ticker(fields: Record<string, unknown>): string {
  const message = JSON.parse(TICKER)
  return JSON.stringify({ ...message, data: { ...message.data, ...fields } })
}

describe('kucoin', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(kucoin.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC-USDT')
    expect(kucoin.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(kucoin.symbol({ base: 'EUR', quote: 'USDT' })).to.equal(null)
    expect(kucoin.url('ws://127.0.0.1:5/')).to.equal('ws://127.0.0.1:5')
  })

  it('asks for a list of tickers in one topic, says nothing first, and pings every 18 s', () => {
    const topic = '/market/ticker:BTC-USDT,ETH-USDT'
    expect(JSON.parse(kucoin.subscribe(['BTC-USDT', 'ETH-USDT'], 3))).to.deep.equal({
      id: '3',
      type: 'subscribe',
      topic,
      privateChannel: false,
      response: true,
    })
    expect(JSON.parse(kucoin.unsubscribe(['BTC-USDT', 'ETH-USDT'], 4) ?? '')).to.include({
      type: 'unsubscribe',
      topic,
    })
    expect(kucoin.hello?.(null)).to.equal(null)
    expect(kucoin.ping?.everyMs).to.equal(18_000)
    expect(JSON.parse(kucoin.ping?.frame(2) ?? '')).to.deep.equal({ id: 'ping-2', type: 'ping' })
  })

  it('finds the address of a socket and its token in the answer for a ticket', () => {
    const { ticket } = kucoin
    if (!ticket) throw new Error('no ticket')
    expect(ticket.request).to.deep.equal({
      url: 'https://api.kucoin.com/api/v1/bullet-public',
      method: 'POST',
    })
    const found = new URL(ticket.read(JSON.stringify(ANSWER), 'abc') ?? '')
    expect(found.origin + found.pathname).to.equal('wss://ws-api-spot.kucoin.com/')
    expect([...found.searchParams]).to.deep.equal([
      ['token', '2neAiu+YvAU='],
      ['connectId', 'abc'],
    ])
    const [server] = ANSWER.data.instanceServers
    const bad = [
      { token: '', instanceServers: [server] },
      { instanceServers: [server] },
      { token: 'x', instanceServers: [] },
      { token: 'x', instanceServers: [{ endpoint: 'https://kucoin.com' }, null, { endpoint: 'wss://' }, 5] },
    ]
    for (const data of bad) expect(ticket.read(JSON.stringify({ data }), 'abc')).to.equal(null)
    for (const body of ['', '<html>', 'null', '{"code":"429000","msg":"Too Many Requests"}']) {
      expect(ticket.read(body, 'abc'), body).to.equal(null)
    }
  })

  it('reads tickers with their sequence, and matches with the nanoseconds of their time', () => {
    const tick = { symbol: 'BTC-USDT', price: '67220.1', at: 1729757723612, order: 14691455768 }
    expect(kucoin.read(TICKER)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    expect(ticksIn(kucoin.read(MATCH))).to.deep.equal([
      { symbol: 'ETH-BTC', price: '0.042', at: 1729843222921 + 0.123456, order: 1614503482134 },
    ])
    const all = TICKER.replace(':BTC-USDT', ':all').replace('trade.ticker', 'SOL-USDT')
    expect(ticksIn(kucoin.read(all))[0]?.symbol).to.equal('SOL-USDT')
  })

  it('leaves an order that no number holds exactly, and reads a price with an exponent', () => {
    expect(ticksIn(kucoin.read(ticker({ sequence: '11067996711960577' })))[0]?.order).to.equal(null)
    expect(ticksIn(kucoin.read(ticker({ sequence: undefined })))[0]?.order).to.equal(null)
    expect(ticksIn(kucoin.read(ticker({ price: '1e-05' })))[0]?.price).to.equal('0.00001')
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [Record<string, unknown>, string][] = [
      [{ price: '0' }, 'price-zero'],
      [{ price: '-1' }, 'price-negative'],
      [{ price: 'NaN' }, 'price-not-a-number'],
      [{ price: 67220.1 }, 'price-not-a-number'],
      [{ price: null }, 'price-missing'],
      [{ time: undefined }, 'time-missing'],
      [{ time: 'now' }, 'time-not-a-number'],
      [{ time: 1729757723 }, 'time-out-of-range'],
    ]
    for (const [fields, reason] of reasons) {
      expect(kucoin.read(ticker(fields)), JSON.stringify(fields)).to.deep.equal({ kind: 'malformed', reason })
    }
    expect(kucoin.read(TICKER.replace(':BTC-USDT', ''))).to.deep.equal({
      kind: 'malformed',
      reason: 'symbol-missing',
    })
  })

  it('reads what the venue says of a request and of itself', () => {
    expect(kucoin.read('{"id":"hQvf8jkno","type":"welcome"}').kind).to.equal('welcome')
    expect(kucoin.read('{"id":"ping-1","type":"pong","timestamp":1790113097236506}').kind).to.equal(
      'heartbeat',
    )
    expect(kucoin.read('{"id":"3","type":"ack"}')).to.deep.equal({
      kind: 'acknowledged',
      symbols: null,
      id: 3,
    })
    const error = (code: number, data: string) =>
      kucoin.read(JSON.stringify({ id: '3', type: 'error', code, data }))
    const reason = 'topic does not exist'
    expect(error(404, reason)).to.deep.equal({ kind: 'refused', symbols: null, id: 3, reason })
    expect(error(509, 'exceed max subscription count limitation of 100 per session').kind).to.equal('refused')
    expect(error(509, 'exceed max permits per second').kind).to.equal('throttled')
    expect(error(500, 'system error').kind).to.equal('throttled')
    expect(error(401, 'token is invalid').kind).to.equal('ending')
    expect(error(400, 'ping timeout').kind).to.equal('ending')
  })

  it('passes over other topics and the newer socket', () => {
    for (const frame of [
      '{"type":"message","topic":"/market/candles:BTC-USDT_1min","data":{"time":1729842192785164840}}',
      '{"type":"message","topic":"/market/level2:BTC-USDT","data":{"changes":{"asks":[["0","0","1"]]}}}',
      '{"type":"message","subject":"x"}',
      '{"T":"ticker.SPOT","d":{"s":"BTC-USDT"}}',
      '{"id":"p1","result":true}',
    ]) {
      expect(kucoin.read(frame).kind, frame).to.equal('ignored')
    }
    expect(kucoin.read('Bye').kind).to.equal('malformed')
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(kucoin, [TICKER, MATCH, '{"id":"3","type":"error","code":404,"data":"x"}'])
  })

  it(`gives each recorded frame exactly its ticks${withoutFrames('kucoin')}`, async function () {
    const frames = await recordedFrames('kucoin')
    if (frames.length === 0) this.skip()
    let priced = 0
    for (const frame of frames) {
      const told = ticksIn(kucoin.read(frame))
      told.forEach(expectSaneTick)
      expect(
        told.map(({ symbol, price, at }) => [symbol, price, Math.floor(at ?? 0)]),
        frame.slice(0, 200),
      ).to.deep.equal(pricesOf(frame))
      priced += told.length
    }
    expect(priced).to.be.above(0)
  })
})

/** [symbol, price, time in whole ms] of a frame with a last price. */
function pricesOf(frame: string): unknown[] {
  const found = /"topic":"\/market\/(ticker|match):([^"]+)"/.exec(frame)
  const price = plainDecimal(/"price":"([^"]+)"/.exec(frame)?.[1] ?? '')
  const time = /"time":"?(\d{13})/.exec(frame)?.[1]
  if (!found || !frame.includes('"type":"message"') || !price || price === '0') return []
  const subject = /"subject":"([^"]+)"/.exec(frame)?.[1]
  return [[found[2] === 'all' ? subject : found[2], price, Number(time)]]
}
