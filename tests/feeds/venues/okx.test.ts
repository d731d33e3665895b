import { expect } from 'chai'
import { okx } from '../../../src/feeds/venues/okx.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, sessionFrames, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const TICKER =
  '{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[{"instType":"SPOT","instId":"BTC-USDT","last":"64312.90",' +
  '"lastSz":"0.00001408","askPx":"64312.9","bidPx":"64312.8","ts":"1781414919074"}]}'
const TICK = { symbol: 'BTC-USDT', price: '64312.9', at: 1781414919074, order: null }

function ticker(fields: Record<string, unknown>): string {
  const message = JSON.parse(TICKER)
  return JSON.stringify({ ...message, data: [{ ...message.data[0], ...fields }] })
}

function event(fields: Record<string, unknown>) {
  return okx.read(JSON.stringify({ connId: 'a4d3ae55', ...fields }))
}

describe('okx', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(okx.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTC-USDT')
    expect(okx.symbol({ base: 'USDT', quote: 'EUR' })).to.equal('USDT-EUR')
    expect(okx.symbol({ base: 'EUR', quote: 'USDT' })).to.equal(null)
    expect(okx.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(okx.url()).to.equal('wss://ws.okx.com:8443/ws/v5/public')
    expect(okx.url('ws://127.0.0.1:5')).to.equal('ws://127.0.0.1:5/ws/v5/public')
    expect(okx.url('ws://127.0.0.1:5/ws/v5/public')).to.equal('ws://127.0.0.1:5/ws/v5/public')
  })

  it('asks for the ticker of each instrument', () => {
    const args = [
      { channel: 'tickers', instId: 'BTC-USDT' },
      { channel: 'tickers', instId: 'ETH-USDT' },
    ]
    expect(JSON.parse(okx.subscribe(['BTC-USDT', 'ETH-USDT'], 3))).to.deep.equal({ op: 'subscribe', args })
    const dropped = JSON.parse(okx.unsubscribe(['BTC-USDT'], 4) ?? '')
    expect(dropped).to.deep.equal({ op: 'unsubscribe', args: args.slice(0, 1) })
  })

  it('keeps itself within what a connection may ask', () => {
    const full = Array.from({ length: okx.limits.maxSymbols }, (_, index) => `LONGESTNAME${index}-USDT`)
    expect(okx.subscribe(full, 1).length).to.be.below(64 * 1024)
    expect(okx.limits.requestsPerHour).to.equal(480)
    expect(okx.limits.connectsPer.count).to.be.at.most(3)
  })

  it('pings in plain text before thirty seconds are over and reads the answer, which is not JSON', () => {
    expect(okx.ping?.frame(1, 0)).to.equal('ping')
    expect(okx.ping?.everyMs).to.be.below(30_000)
    expect(okx.read('pong')).to.deep.equal({ kind: 'heartbeat' })
    expect(okx.read('ping').kind).to.equal('malformed')
  })

  it('reads last prices with their time, and trades with their id', () => {
    expect(okx.read(TICKER)).to.deep.equal({ kind: 'ticks', ticks: [TICK], faults: [] })
    for (const channel of ['trades', 'trades-all']) {
      const trade =
        `{"arg":{"channel":"${channel}","instId":"BTC-USDT"},"data":[{"instId":"BTC-USDT","tradeId":"314161276",` +
        '"px":"43474.1","sz":"0.00373695","side":"buy","ts":"1646311839593"}]}'
      const tick = { symbol: 'BTC-USDT', price: '43474.1', at: 1646311839593, order: 314161276 }
      expect(okx.read(trade)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    }
  })

  it('takes an instrument that was never traded for no price, and the others of its frame for theirs', () => {
    expect(okx.read(ticker({ last: '' }))).to.deep.equal({ kind: 'malformed', reason: 'price-missing' })
    const message = JSON.parse(TICKER)
    const both = JSON.stringify({
      ...message,
      data: [{ instId: 'NEW-USDT', last: '', ts: '1' }, ...message.data],
    })
    expect(okx.read(both)).to.deep.equal({ kind: 'ticks', ticks: [TICK], faults: ['price-missing'] })
  })

  it('reads one acknowledgement for each instrument', () => {
    const acknowledged = (channel: string) =>
      event({ event: 'subscribe', arg: { channel, instId: 'BTC-USDT' } })
    expect(acknowledged('tickers')).to.deep.equal({ kind: 'acknowledged', symbols: ['BTC-USDT'], id: null })
    expect(acknowledged('books')).to.deep.equal({ kind: 'acknowledged', symbols: [], id: null })
    expect(event({ event: 'unsubscribe', arg: { channel: 'tickers', instId: 'X' } }).kind).to.equal('ignored')
  })

  it('reads which instrument is refused, and what is refused as a whole', () => {
    for (const msg of [
      "channel:tickers,instId:LTC-USD doesn't exist",
      "Wrong URL or channel:tickers,instId:LTC-USD doesn't exist. Please use the correct URL, channel and parameters.",
    ]) {
      expect(event({ event: 'error', code: '60018', msg })).to.deep.equal({
        kind: 'refused',
        symbols: ['LTC-USD'],
        id: null,
        reason: `60018: ${msg}`,
      })
    }
    expect(event({ event: 'error', code: '60012', msg: 'Invalid request: {}' })).to.deep.include({
      kind: 'refused',
      symbols: null,
    })
    const full = { event: 'channel-conn-count-error', channel: 'tickers', connCount: '30' }
    expect(event(full)).to.deep.include({ kind: 'refused', symbols: null })
    expect(event({ event: 'error', code: '60014', msg: 'Requests too frequent' }).kind).to.equal('throttled')
  })

  it('goes before an upgrade that is announced', () => {
    const notice = (code: string) =>
      event({ event: 'notice', code, msg: 'The connection will soon be closed' })
    expect(notice('64008').kind).to.equal('ending')
    expect(notice('64009').kind).to.equal('ignored')
    expect(event({ event: 'channel-conn-count', channel: 'tickers', connCount: '2' }).kind).to.equal(
      'ignored',
    )
  })

  it('passes over what it did not ask for', () => {
    const others: [string, string][] = [
      ['{"arg":{"channel":"bbo-tbt","instId":"BTC-USDT"},"data":[{"last":"5"}]}', 'ignored'],
      ['{"arg":{"channel":"index-tickers","instId":"BTC-USDT"},"data":[{"idxPx":"5"}]}', 'ignored'],
      ['{"table":"spot/ticker","data":[{"last":"3.9","instrument_id":"EOS-USDT"}]}', 'ignored'],
      ['{"arg":{"channel":"tickers","instId":"BTC-USDT"},"data":[]}', 'ignored'],
      ['{"arg":{"channel":"tickers","instId":"BTC-USDT"}}', 'malformed'],
      ['{"event":"login","code":"0"}', 'ignored'],
      ['[]', 'malformed'],
      ['', 'malformed'],
    ]
    for (const [frame, kind] of others) expect(okx.read(frame).kind, frame).to.equal(kind)
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [Record<string, unknown>, string][] = [
      [{ last: '0' }, 'price-zero'],
      [{ last: '-1.5' }, 'price-negative'],
      [{ last: '1e5' }, 'price-not-a-number'],
      [{ last: 64312.9 }, 'price-not-a-number'],
      [{ last: undefined }, 'price-missing'],
      [{ ts: undefined }, 'time-missing'],
      [{ ts: '' }, 'time-missing'],
      [{ ts: 1781414919074 }, 'time-not-a-number'],
      [{ ts: '1781414919' }, 'time-out-of-range'],
      [{ instId: 7 }, 'symbol-missing'],
    ]
    for (const [fields, reason] of reasons) {
      expect(okx.read(ticker(fields)), JSON.stringify(fields)).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    expectUnbreakable(okx, [TICKER, '{"event":"error","code":"60018","msg":"instId:X"}'])
  })

  it(`gives each recorded frame its reading${WITHOUT_FEEDS}`, async function () {
    if (!FEEDS) this.skip()
    const frames = [...recordedLines('okx').map(({ frame }) => frame), ...(await sessionFrames('okx'))]
    const PRICE: Record<string, string> = { tickers: 'last', trades: 'px', 'trades-all': 'px' }
    const seen = { ticks: 0, acknowledged: 0, ignored: 0 }
    for (const frame of frames) {
      const { event, arg, data } = JSON.parse(frame)
      const reading = okx.read(frame)
      const price = PRICE[arg?.channel]
      if (event === 'subscribe') {
        const symbols = arg.channel === 'tickers' ? [arg.instId] : []
        expect(reading, frame).to.deep.equal({ kind: 'acknowledged', symbols, id: null })
        seen.acknowledged += 1
      } else if (price) {
        const ticks = reading.kind === 'ticks' ? reading.ticks : []
        ticks.forEach(expectSaneTick)
        seen.ticks += ticks.length
        expect(ticks, frame).to.deep.equal(
          data.map((entry: Record<string, string>) => ({
            symbol: entry.instId,
            price: plainDecimal(entry[price] ?? ''),
            at: Number(entry.ts),
            order: price === 'px' ? Number(entry.tradeId) : null,
          })),
        )
      } else {
        expect(reading.kind, frame).to.equal('ignored')
        seen.ignored += 1
      }
    }
    expect(seen.ticks).to.be.above(250)
    expect(seen.acknowledged).to.equal(30 + 18 + 30 + 1)
    expect(seen.ignored).to.be.above(1_500)
  })
})
