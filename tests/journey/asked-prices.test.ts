import type { ServerResponse } from 'node:http'
import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import type { Instrument, Page } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { RudeHttp } from '../support/rude-http.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000
const day = (ago: number): number => Math.floor(Date.now() / DAY_MS - ago) * DAY_MS
const dateOf = (at: number): string => new Date(at).toISOString().slice(0, 10)

/** What a share's chart says: the newest price, or a day's rows. */
function chart(symbol: string, query: URLSearchParams): string {
  const meta = {
    currency: 'IDR',
    symbol,
    instrumentType: 'EQUITY',
    longName: 'PT Bank Central Asia Tbk',
    exchangeTimezoneName: 'Asia/Jakarta',
    gmtoffset: 25_200,
    regularMarketPrice: 9_150,
    regularMarketTime: Math.floor((Date.now() - 20 * 60_000) / 1000),
  }
  const past = query.get('interval') === '1d' && query.has('period1') ? [9_000, 9_100] : []
  const timestamp = past.map((_, index) => day(3 - index) / 1000 + 2 * 3_600)
  const quote = [{ open: past, high: past, low: past, close: past, volume: past }]
  return JSON.stringify({ chart: { result: [{ meta, timestamp, indicators: { quote } }], error: null } })
}

/** Euro reference rates, as the central bank's page has them. */
function fixes(): string {
  return (
    '<?xml version="1.0"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" ' +
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><Cube>' +
    `<Cube time='${dateOf(day(1))}'><Cube currency='USD' rate='1.1'/><Cube currency='IDR' rate='17600'/></Cube>` +
    '</Cube></gesmes:Envelope>'
  )
}

/** What the stand-ins for exchange, share source and central bank answer; null for what they do not have. */
function answerOf({ pathname, searchParams }: URL): string | null {
  if (pathname === '/v8/finance/chart/BBCA.JK') return chart('BBCA.JK', searchParams)
  if (pathname.startsWith('/v8/')) return null
  if (pathname.includes('eurofxref')) return fixes()
  if (pathname === '/products') {
    const product = { id: 'BTC-USD', base_currency: 'BTC', quote_currency: 'USD', status: 'online' }
    return JSON.stringify([{ ...product, trading_disabled: false }])
  }
  if (pathname === '/products/BTC-USD/candles' && searchParams.get('granularity') === '86400') {
    return JSON.stringify([[day(1) / 1000, 58_000.5, 59_500, 58_200, 59_000.25, 12.5]])
  }
  return '[]'
}

function notFound(response: ServerResponse): string {
  response.statusCode = 404
  return '{"chart":{"result":null,"error":{"code":"Not Found","description":"No data found"}}}'
}

/** What nobody streams: a share, the day's exchange rates, and what was before the first tick. */
describe('prices that are asked for', () => {
  let exchange: Simulator
  let web: RudeHttp
  let server: TestServer
  let ani: Person
  /** Of a listing that there is not: it waits until nobody knows it, so it does while others are asked for. */
  let refusal: Promise<number>

  before(async function () {
    this.timeout(60_000)
    exchange = await openExchange({ 'BTC-USD': '60000.00' })
    web = await RudeHttp.open()
    web.answer = (response, url) => void response.end(answerOf(url) ?? notFound(response))
    server = await startTestServer({
      feedUrls: { coinbase: exchange.url },
      sourceUrls: { yahoo: web.url, ecb: web.url },
      config: { feedRestUrls: { coinbase: web.url } },
    })
    ani = await register(server.url, { baseCurrency: 'IDR' })
    refusal = ani.ask('GET', '/v1/instruments/NOSUCH.JK').then(({ status }) => status)
    refusal.catch(() => {})
  })
  after(async () => {
    await server?.stop()
    await web?.close()
    await exchange?.close()
  })

  it('value a share and a foreign coin in rupiah, with source and state', async function () {
    this.timeout(30_000)
    await ani.own({ type: 'STOCK', symbol: 'BBCA.JK', quantity: '200', unitCost: '8000' })
    await ani.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5', unitCost: '30000' })
    await until('both are priced', async () => (await ani.portfolio()).coverage.priced === 2, 20_000)
    const { holdings } = await ani.portfolio()
    const share = holdings.find(({ symbol }) => symbol === 'BBCA.JK')
    expect(share?.value).to.equal('1830000.00')
    expect(share?.price).to.include({ amount: '9150', currency: 'IDR', source: 'yahoo' })
    expect(share?.price?.state).to.be.oneOf(['delayed', 'closed', 'stale'])
    const coin = holdings.find(({ symbol }) => symbol === 'BTC-USD')
    // 0.5 x 60000 dollars at 17600 / 1.1 rupiah.
    expect(coin?.value).to.equal('480000000.00')
  })

  it('know the past of a coin before its first tick, and join it to the live price', async function () {
    this.timeout(30_000)
    interface Candles {
      readonly data: readonly { readonly at: string; readonly open: string; readonly close: string }[]
    }
    const ask = () => ani.ask<Candles>('GET', '/v1/prices/BTC-USD/candles?interval=1d')
    await until('yesterday is there', async () => (await ask()).body.data.length === 2, 20_000)
    const { data } = (await ask()).body
    expect(data[0]).to.include({
      at: new Date(day(1)).toISOString(),
      open: '58200',
      close: '59000.25',
    })
    expect(data[1]).to.include({ at: new Date(day(0)).toISOString(), close: '60000' })
  })

  it('find a listing that nobody has named before, and say no to one that there is not', async function () {
    this.timeout(30_000)
    const found = await ani.ask<Instrument>('GET', '/v1/instruments/BBCA.JK')
    expect(found.body).to.include({ symbol: 'BBCA.JK', name: 'PT Bank Central Asia Tbk', currency: 'IDR' })
    expect(await refusal).to.equal(404)
    const search = await ani.ask<Page<Instrument>>('GET', '/v1/instruments?query=bank%20central')
    expect(search.body.data.map(({ symbol }) => symbol)).to.deep.equal(['BBCA.JK'])
    const coin = await ani.ask<Instrument>('GET', '/v1/instruments/BTC')
    expect(coin.body.symbol).to.equal('BTC-USD')
  })
})
