import { expect } from 'chai'
import { type ExchangeServer, openExchangeServer, SIDES } from '../../src/feeds/exchange-side/server.js'
import { systemClock } from '../../src/lib/clock.js'
import { register, send } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe('readiness, which anybody may ask', function () {
  this.timeout(60_000)
  let exchange: ExchangeServer
  let server: TestServer
  before(async () => {
    exchange = await openExchangeServer({
      side: SIDES.coinbase,
      clock: systemClock,
      knows: (symbol) => symbol === 'BTC-USD',
      subscribed(client) {
        const price = { symbol: 'BTC-USD', price: '64000', at: systemClock.now(), order: 1 }
        client.send(SIDES.coinbase.ticker(price))
      },
    })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  it('names nothing of what people hold, not even what an exchange refuses', async () => {
    const person = await register(server.url)
    await person.own({ type: 'CRYPTO', symbol: 'SECRETCOIN-BTC' })
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD' })
    const refusals = () => server.lines.filter((line) => line.includes('refuses a symbol'))
    await until('the exchange has refused it', () => refusals().some((line) => line.includes('SECRETCOIN')))
    const { status, body } = await send<object>(server.url, 'GET', '/readyz')
    expect(status).to.equal(200)
    expect(JSON.stringify(body)).to.include('lastTickAgeMs').and.not.include('SECRETCOIN')
  })
})
