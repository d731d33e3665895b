import { expect } from 'chai'
import { bybit } from '../../../src/feeds/venues/bybit.js'
import { plainDecimal } from '../../../src/lib/decimal.js'
import { FEEDS, recordedLines, WITHOUT_FEEDS } from '../../support/exchange-frames.js'
import { expectSaneTick, expectUnbreakable } from '../../support/exchange-readings.js'

const TICKER =
  '{"topic":"tickers.BTCUSDT","ts":1761583474344,"type":"snapshot","cs":89200463112,"data":{"symbol":"BTCUSDT",' +
  '"lastPrice":"115440.70","highPrice24h":"116400","volume24h":"8066.85312","usdIndexPrice":"115456.767193"}}'
const TICK = { symbol: 'BTCUSDT', price: '115440.7', at: 1761583474344, order: 89200463112 }

function ticker(fields: Record<string, unknown>, data: Record<string, unknown> = {}): string {
  const message = JSON.parse(TICKER)
  return JSON.stringify({ ...message, ...fields, data: { ...message.data, ...data } })
}

function answer(fields: Record<string, unknown>) {
  return bybit.read(JSON.stringify({ conn_id: 'da7tmhs2', req_id: '7', op: 'subscribe', ...fields }))
}

describe('bybit', () => {
  it('names pairs that it quotes, and no others', () => {
    expect(bybit.symbol({ base: 'BTC', quote: 'USDT' })).to.equal('BTCUSDT')
    expect(bybit.symbol({ base: 'USDC', quote: 'USDT' })).to.equal('USDCUSDT')
    expect(bybit.symbol({ base: 'EUR', quote: 'USDT' })).to.equal(null)
    expect(bybit.symbol({ base: 'BTC', quote: 'IDR' })).to.equal(null)
    expect(bybit.url()).to.equal('wss://stream.bybit.com/v5/public/spot')
    expect(bybit.url('ws://127.0.0.1:5')).to.equal('ws://127.0.0.1:5/v5/public/spot')
  })

  it('asks for at most ten topics at once', () => {
    expect(JSON.parse(bybit.subscribe(['BTCUSDT', 'ETHUSDT'], 3))).to.deep.equal({
      req_id: '3',
      op: 'subscribe',
      args: ['tickers.BTCUSDT', 'tickers.ETHUSDT'],
    })
    expect(JSON.parse(bybit.unsubscribe(['BTCUSDT'], 4) ?? '').op).to.equal('unsubscribe')
    expect(bybit.limits.symbolsPerMessage).to.equal(10)
    const full = Array.from({ length: bybit.limits.maxSymbols }, (_, index) => `LONGESTNAME${index}USDT`)
    expect(JSON.parse(bybit.subscribe(full, 1)).args.join('').length).to.be.below(21_000)
  })

  it('pings each 18 s and reads every shape of the answer', () => {
    expect(bybit.ping?.everyMs).to.equal(18_000)
    expect(JSON.parse(bybit.ping?.frame(2, 0) ?? '').op).to.equal('ping')
    expect(answer({ success: true, ret_msg: 'pong', op: 'ping', req_id: 'ping-2' }).kind).to.equal(
      'heartbeat',
    )
    expect(answer({ op: 'pong', args: ['1675418560633'] }).kind).to.equal('heartbeat')
  })

  it('reads last prices with their time and the sequence of the venue', () => {
    expect(bybit.read(TICKER)).to.deep.equal({ kind: 'ticks', ticks: [TICK], faults: [] })
    const older = ticker({ ts: 1761583470000, cs: 5 }, { symbol: 'ETHUSDT', lastPrice: '4100' })
    const tick = { symbol: 'ETHUSDT', price: '4100', at: 1761583470000, order: 5 }
    expect(bybit.read(older)).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
  })

  it('takes a change with a last price for a price, and one without for none', () => {
    expect(bybit.read(ticker({ type: 'delta' })).kind).to.equal('ticks')
    const delta = ticker({ type: 'delta' }, { lastPrice: undefined })
    expect(bybit.read(delta)).to.deep.equal({ kind: 'ignored', reason: 'no-last-price' })
    const snapshot = ticker({}, { lastPrice: undefined })
    expect(bybit.read(snapshot)).to.deep.equal({ kind: 'malformed', reason: 'price-missing' })
  })

  it('reads trades on the book, and not those that were agreed off it', () => {
    const trades = (BT: boolean) =>
      `{"topic":"publicTrade.BTCUSDT","ts":1680652847526,"type":"snapshot","data":[{"i":"2290000000050703789",` +
      `"T":1680652847524,"p":"28165.38","v":"0.041732","S":"Sell","s":"BTCUSDT","BT":${BT},"seq":42}]}`
    const tick = { symbol: 'BTCUSDT', price: '28165.38', at: 1680652847524, order: 42 }
    expect(bybit.read(trades(false))).to.deep.equal({ kind: 'ticks', ticks: [tick], faults: [] })
    expect(bybit.read(trades(true)).kind).to.equal('ignored')
  })

  it('takes the word success alone for an acknowledgement', () => {
    for (const ret_msg of ['', 'subscribe', 'whatever']) {
      expect(answer({ success: true, ret_msg })).to.deep.equal({ kind: 'acknowledged', symbols: null, id: 7 })
    }
    expect(answer({ success: true, ret_msg: '', op: 'unsubscribe' }).kind).to.equal('ignored')
    expect(answer({ success: false, ret_msg: 'error', op: 'unsubscribe' }).kind).to.equal('ignored')
  })

  it('reads which topic failed a request, and that the others failed with it', () => {
    const reason = 'error:handler not found,topic:tickers.NOPEUSDT'
    const whole = { kind: 'refused', symbols: null, id: 7, reason }
    expect(answer({ success: false, ret_msg: reason })).to.deep.equal({
      kind: 'several',
      readings: [{ ...whole, symbols: ['NOPEUSDT'] }, whole],
    })
    const again = 'error:already subscribed,topic:tickers.BTCUSDT'
    expect(answer({ success: false, ret_msg: again })).to.deep.equal({
      kind: 'several',
      readings: [
        { kind: 'acknowledged', symbols: ['BTCUSDT'], id: 7 },
        { ...whole, reason: again },
      ],
    })
    const nameless = 'error:request args can not be parsed'
    expect(answer({ success: false, ret_msg: nameless })).to.deep.equal({ ...whole, reason: nameless })
  })

  it('reads that it asks too fast', () => {
    for (const fields of [{ ret_msg: 'Too many visits!' }, { ret_code: 10006 }, { retCode: 10016 }]) {
      expect(answer({ success: false, ...fields }).kind).to.equal('throttled')
    }
  })

  it('passes over what it did not ask for', () => {
    const others: [string, string][] = [
      ['{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1,"data":{"s":"BTCUSDT"}}', 'ignored'],
      ['{"topic":"kline.1.BTCUSDT","data":[{"close":"5"}]}', 'ignored'],
      ['{"topic":"tickers.BTCUSDT","type":"snapshot"}', 'malformed'],
      ['{"op":"auth","success":true}', 'ignored'],
      ['{}', 'ignored'],
      ['[]', 'malformed'],
      ['pong', 'malformed'],
    ]
    for (const [frame, kind] of others) expect(bybit.read(frame).kind, frame).to.equal(kind)
  })

  it('says what is wrong with a price or a time', () => {
    const reasons: [string, string][] = [
      [ticker({}, { lastPrice: '0' }), 'price-zero'],
      [ticker({}, { lastPrice: '-1' }), 'price-negative'],
      [ticker({}, { lastPrice: '1e5' }), 'price-not-a-number'],
      [ticker({}, { lastPrice: 115440.7 }), 'price-not-a-number'],
      [ticker({}, { lastPrice: '' }), 'price-missing'],
      [ticker({}, { symbol: '' }), 'symbol-missing'],
      [ticker({ ts: undefined }), 'time-missing'],
      [ticker({ ts: '1761583474344' }), 'time-not-a-number'],
      [ticker({ ts: 1761583474 }), 'time-out-of-range'],
    ]
    for (const [frame, reason] of reasons) {
      expect(bybit.read(frame), frame).to.deep.equal({ kind: 'malformed', reason })
    }
  })

  it('never throws and never gives a bad price, whatever it is sent', () => {
    const refusal = '{"success":false,"ret_msg":"topic:tickers.X","req_id":"1","op":"subscribe","ret_code":1}'
    expectUnbreakable(bybit, [TICKER, ticker({ type: 'delta' }), refusal])
  })

  it(`gives each recorded frame its reading${WITHOUT_FEEDS}`, function () {
    if (!FEEDS) this.skip()
    const kinds: Record<string, number> = {}
    for (const { file, frame } of recordedLines('bybit-v5')) {
      const reading = bybit.read(frame)
      kinds[reading.kind] = (kinds[reading.kind] ?? 0) + 1
      const { topic = '', success, data, ts, cs } = JSON.parse(frame)
      const trades = topic.startsWith('publicTrade.') ? data : []
      const tickers = topic.startsWith('tickers.') && 'lastPrice' in data ? [data] : []
      const expected = [
        ...trades.map((entry: { s: string; p: string; T: number }) => [entry.s, entry.p, entry.T, null]),
        ...tickers.map((entry) => [entry.symbol, entry.lastPrice, ts, cs]),
      ].map(([symbol, price, at, order]) => ({ symbol, price: plainDecimal(price), at, order }))
      if (expected.length > 0) {
        const ticks = reading.kind === 'ticks' ? reading.ticks : []
        ticks.forEach(expectSaneTick)
        expect(ticks, file).to.deep.equal(expected)
      } else if (success !== undefined) {
        expect(reading.kind, file).to.equal(success ? 'acknowledged' : 'refused')
      } else expect(reading.kind, file).to.equal('ignored')
    }
    expect(kinds).to.deep.equal({ ticks: 13, ignored: 17, refused: 3, acknowledged: 1 })
  })
})
