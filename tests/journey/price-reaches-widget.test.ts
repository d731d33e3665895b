import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { BROWSER_INSTALL, browserOfSuite } from '../support/browser.js'
import { buildClient } from '../support/built-client.js'
import { listen, PASSWORD, type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

/** One price through all of it: a frame of an exchange becomes a number on somebody's page, and on nobody else's. */
describe('a price on its way from the exchange', () => {
  let exchange: Simulator
  let server: TestServer
  let ani: Person
  let budi: Person

  before(async function () {
    this.timeout(60_000)
    // What was built by now is what the server has to show.
    await buildClient()
    exchange = await openExchange({ 'BTC-USD': '60000.00', 'ETH-USD': '3000.00' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
    ani = await register(server.url, { name: 'Ani' })
    budi = await register(server.url, { name: 'Budi' })
    await ani.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5', unitCost: '30000' })
    await ani.own({ type: 'CASH', name: 'Purse', currency: 'USD', quantity: '1000.25' })
    await budi.own({ type: 'CRYPTO', symbol: 'ETH-USD', quantity: '2', unitCost: '1000' })
    await until('both prices are known', async () => {
      const portfolios = await Promise.all([ani.portfolio(), budi.portfolio()])
      return portfolios.every(({ coverage }) => coverage.priced === coverage.holdings)
    })
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  it('comes to the private room of whoever holds it, and to nobody else', async () => {
    const [hers, his] = [await listen(server.url, ani.token), await listen(server.url, budi.token)]
    try {
      await until('both have their snapshots', () => hers.snapshots.length > 0 && his.snapshots.length > 0)
      exchange.set('BTC-USD', '61234.57')
      await until('the update is there', () => hers.updates.some(({ total }) => total === '31617.54'))
      const update = hers.updates.find(({ total }) => total === '31617.54')
      // 0.5 x 61234.57 = 30617.285, to even 30617.28; with the purse 31617.535, to even 31617.54.
      expect(update?.changed.map(({ symbol, value, gain }) => ({ symbol, value, gain }))).to.deep.equal([
        { symbol: 'BTC-USD', value: '30617.28', gain: '15617.28' },
      ])
      expect(update?.seq).to.equal((hers.snapshots.at(-1)?.seq ?? 0) + hers.updates.length)
      const rest = await ani.portfolio()
      expect({ epoch: rest.epoch, seq: rest.seq, total: rest.total }).to.deep.equal({
        epoch: update?.epoch,
        seq: update?.seq,
        total: '31617.54',
      })
      expect(his.updates).to.deep.equal([])
      expect(JSON.stringify(his.snapshots)).not.to.contain('BTC-USD')
    } finally {
      hers.socket.close()
      his.socket.close()
    }
  })

  describe(`on the dashboard (${BROWSER_INSTALL})`, () => {
    const browser = browserOfSuite()

    it('moves the number in the widget, under the policy of the real server', async function () {
      this.timeout(60_000)
      const citra = await register(server.url)
      await citra.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '2', unitCost: '10000' })
      const page = await browser().newPage({ locale: 'en-US' })
      const complaints: string[] = []
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(String(error)))
      await page.goto(server.url)
      await page.locator('input[type=email]').fill(citra.session.user.email)
      await page.locator('input[type=password]').fill(PASSWORD)
      await page.locator('button[type=submit]').click()
      const total = page.locator('harta-net-worth .total .figure')
      await total.waitFor()
      exchange.set('BTC-USD', '65000.01')
      await until(
        'the total shows the price',
        async () => (await total.textContent()) === '$130,000.02',
        15_000,
      )
      exchange.set('BTC-USD', '64999.99')
      await until('the total follows', async () => (await total.textContent()) === '$129,999.98', 15_000)
      expect(complaints).to.deep.equal([])
    })
  })
})
