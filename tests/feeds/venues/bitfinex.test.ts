import { expect } from 'chai'
import type { SessionMemory, VenueTick } from '../../../src/feeds/venue.js'
import { bitfinex } from '../../../src/feeds/venues/bitfinex.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { type LosslessJson, NumberText, parseLossless } from '../../../src/lib/lossless-json.js'
import { recordedFrames, withoutFrames } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable, ticksIn } from '../../support/exchange-readings.js'

const SUBSCRIBED =
  '{"event":"subscribed","channel":"ticker","chanId":224555,"symbol":"tBTCUSD","pair":"BTCUSD"}'
const TRADES = '{"event":"subscribed","channel":"trades","chanId":19,"symbol":"tETHUST","pair":"ETHUST"}'

function ticker(last: string, more = ''): string {
  return `[224555,[86697,14.3,86723,14.7,1060,0.012,${last},544.3,86898,85156${more}]]`
}

describe('bitfinex', () => {
  let memory: SessionMemory

  beforeEach(() => {
    memory = new Map()
    for (const told of [SUBSCRIBED, TRADES]) bitfinex.read(told, memory)
  })

  const read = (frame: string) => bitfinex.read(frame, memory)

  function only(frame: string): VenueTick | undefined {
    expect(ticksIn(read(frame)), frame).to.have.lengthOf(1)
    return ticksIn(read(frame))[0]
  }

  it('names pairs that it quotes in its own codes, and no others', () => {
    const named = (base: string, quote: string) => bitfinex.symbol({ base, quote })
    expect(named('BTC', 'USD')).to.equal('tBTCUSD')
    expect(named('ETH', 'USDT')).to.equal('tETHUST')
    expect(named('DOGE', 'USD')).to.equal('tDOGE:USD')
    expect(named('BTC', 'IDR')).to.equal(null)
    expect(named('EUR', 'USD')).to.equal(null)
    expect(bitfinex.url()).to.equal('wss://api-pub.bitfinex.com/ws/2')
    expect(bitfinex.url('ws://127.0.0.1:5/')).to.equal('ws://127.0.0.1:5/ws/2')
  })

  it('asks for one ticker a message, and drops it by the number that its channel was given', () => {
    expect(JSON.parse(bitfinex.subscribe(['tBTCUSD'], 1))).to.deep.equal({
      event: 'subscribe',
      channel: 'ticker',
      symbol: 'tBTCUSD',
    })
    expect(bitfinex.limits.symbolsPerMessage).to.equal(1)
    const drop = (symbol: string) => bitfinex.unsubscribe([symbol], 2, { now: 0, memory })
    expect(JSON.parse(drop('tBTCUSD') ?? '')).to.deep.equal({ event: 'unsubscribe', chanId: 224555 })
    expect(drop('tETHUST'), 'a channel of trades').to.equal(null)
    read('{"event":"unsubscribed","status":"OK","chanId":224555}')
    expect(drop('tBTCUSD'), 'no longer open').to.equal(null)
    expect(read(ticker('5')).kind).to.equal('ignored')
  })

  it('reads the last price by its place from the left, from the digits that were sent', () => {
    const exact: [string, string][] = [
      ['86717', '86717'],
      ['2.276e-05', '0.00002276'],
      ['86717.10000000', '86717.1'],
      ['1.5E+3', '1500'],
      ['12345678901234567890', '12345678901234567890'],
    ]
    for (const [sent, price] of exact) {
      const tick = { symbol: 'tBTCUSD', price, at: null, order: null }
      expect(only(ticker(sent)), sent).to.deep.equal(tick)
      expect(only(ticker(sent, ',null')), 'an eleventh field').to.deep.equal(tick)
    }
    const flagged = ticker('5').replace(/]$/, ',12,1790134414850]')
    expect(only(flagged)?.price, 'a sequence and a time behind it').to.equal('5')
  })

  it('reads trades as they are made, and the latest ones on subscribing', () => {
    const tick = { symbol: 'tETHUST', price: '3104.5', at: 1790134414850, order: 1704322 }
    for (const name of ['te', 'tu']) {
      expect(only(`[19,"${name}",[1704322,1790134414850,-0.5,3104.5]]`)).to.deep.equal(tick)
    }
    const older = { ...tick, price: '3104', at: 1790134414001, order: 1704321 }
    const latest = '[19,[[1704322,1790134414850,-0.5,3104.5],[1704321,1790134414001,1,3104]]]'
    expect(ticksIn(read(latest))).to.deep.equal([tick, older])
  })

  it('says what is wrong with a price', () => {
    const reasons: [string, string][] = [
      [ticker('0'), 'price-zero'],
      [ticker('-1'), 'price-negative'],
      [ticker('null'), 'price-missing'],
      ['[224555,[1,2,3]]', 'price-missing'],
      [ticker('1e400'), 'price-not-a-number'],
      [ticker('{}'), 'price-not-a-number'],
      ['[19,"te",[5,0,1,1]]', 'time-out-of-range'],
    ]
    for (const [frame, reason] of reasons) {
      expect(read(frame), frame).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('knows nothing of channels that were not told, of other sockets and of funding', () => {
    expect(bitfinex.read(ticker('5')).kind).to.equal('ignored')
    expect(bitfinex.read(ticker('5'), new Map()).kind).to.equal('ignored')
    read('{"event":"subscribed","channel":"ticker","chanId":7,"symbol":"fUSD","currency":"USD"}')
    read('{"event":"subscribed","channel":"book","chanId":8,"symbol":"tBTCUSD","pair":"BTCUSD"}')
    for (const frame of [
      '[7,[1,2,3,4,5,6,7,8,9,10]]',
      '[8,[[1,2,3]]]',
      '[8,"cs",133005]',
      '[0,"wu",[]]',
      '[]',
    ]) {
      expect(read(frame).kind, frame).to.equal('ignored')
    }
  })

  it('reads acknowledgements and refusals with the symbol that they name', () => {
    const acknowledged = { kind: 'acknowledged', symbols: ['tBTCUSD'], id: null }
    expect(read(SUBSCRIBED)).to.deep.equal(acknowledged)
    const error = (code: number, msg: string, more = '') =>
      read(`{"channel":"ticker","symbol":"tBTCUSD","event":"error","msg":"${msg}","code":${code}${more}}`)
    const refusal = { kind: 'refused', symbols: ['tBTCUSD'], id: null }
    expect(error(10300, 'symbol: invalid')).to.deep.equal({ ...refusal, reason: 'symbol: invalid' })
    expect(error(10305, 'subscribe: limit')).to.deep.equal({ ...refusal, reason: 'subscribe: limit' })
    memory.clear()
    expect(error(10301, 'subscribe: dup', ',"chanId":224555')).to.deep.equal(acknowledged)
    expect(only(ticker('5'))?.symbol, 'the number comes along').to.equal('tBTCUSD')
    expect(read('{"event":"error","msg":"not ready","code":11000}').kind).to.equal('throttled')
    expect(read('{"event":"error","msg":"unsubscribe: invalid","code":10400,"chanId":1}').kind).to.equal(
      'ignored',
    )
  })

  it('tells heartbeats from the ends that are announced', () => {
    const kinds: [string, string][] = [
      ['[224555,"hb"]', 'heartbeat'],
      ['[9,"hb",3,1790134414850]', 'heartbeat'],
      ['{"event":"info","version":2,"serverId":"x","platform":{"status":1}}', 'heartbeat'],
      ['{"event":"pong","ts":1790134414850,"cid":1}', 'heartbeat'],
      ['{"event":"info","version":2,"platform":{"status":0}}', 'ending'],
      ['{"event":"info","code":20051,"msg":"Stopping. Please try to reconnect"}', 'ending'],
      ['{"event":"info","code":20060,"msg":"Entering in Maintenance mode"}', 'ignored'],
      ['{"event":"info","code":20061,"msg":"Maintenance ended"}', 'ending'],
      ['{"event":"conf","status":"OK","flags":196608}', 'ignored'],
      ['<html>', 'malformed'],
      ['"hb"', 'malformed'],
    ]
    for (const [frame, kind] of kinds) expect(read(frame).kind, frame).to.equal(kind)
  })

  it('remembers no more channels than a socket can have, whoever tells of them', () => {
    for (let channel = 1_000; channel < 2_000; channel += 1)
      read(SUBSCRIBED.replace('224555', String(channel)))
    expect(memory.size).to.be.below(300)
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    const trade = '[19,"te",[1704322,1790134414850,-0.5,3104.5]]'
    expectUnbreakable(bitfinex, [ticker('86717'), trade, SUBSCRIBED], [SUBSCRIBED, TRADES])
  })

  it(`gives each recorded frame exactly its ticks${withoutFrames('bitfinex')}`, async function () {
    const frames = await recordedFrames('bitfinex')
    if (frames.length === 0) this.skip()
    memory.clear()
    const channels = new Map<string, readonly [string, string]>()
    let priced = 0
    for (const frame of frames) {
      const told = ticksIn(bitfinex.read(frame, memory))
      told.forEach(expectSaneTick)
      const expected = lastPrices(frame, channels)
      expect(
        told.map(({ symbol, price }) => [symbol, price]),
        frame.slice(0, 200),
      ).to.deep.equal(expected)
      priced += told.length
    }
    expect(priced).to.be.above(0)
  })
})

/** [symbol, price] of each price in a frame; `channels` is kept by what the frames before it have told. */
function lastPrices(frame: string, channels: Map<string, readonly [string, string]>): unknown[] {
  const message = lossless(frame) as Record<string, LosslessJson> | readonly LosslessJson[] | undefined
  const id = (value: unknown) => (value instanceof NumberText ? value.text : '')
  if (!Array.isArray(message)) {
    const event = message as Record<string, LosslessJson> | undefined
    if (event?.event === 'subscribed') {
      channels.set(id(event.chanId), [String(event.channel), String(event.symbol)])
    }
    return []
  }
  const [channel, symbol = ''] = channels.get(id(message[0])) ?? []
  const body = typeof message[1] === 'string' ? [message[2]] : message[1]
  const rows = channel === 'ticker' ? [body] : channel === 'trades' && Array.isArray(body) ? body : []
  return rows.flatMap((row) => {
    const price = Array.isArray(row) ? row[channel === 'ticker' ? 6 : 3] : null
    const text = price instanceof NumberText && symbol.startsWith('t') ? plainDecimal(price.text) : null
    return text === null || text === '0' || text.startsWith('-') ? [] : [[symbol, text]]
  })
}

function lossless(frame: string): LosslessJson | undefined {
  try {
    return parseLossless(frame)
  } catch {
    return undefined
  }
}
