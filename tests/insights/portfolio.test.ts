import { expect } from 'chai'
import type { Activity, AssetPerformance, NewActivity, NewAsset, Performance } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'

describe('performance over HTTP', function () {
  this.timeout(60_000)
  let server: TestServer
  let person: Person
  before(async () => {
    server = await startTestServer()
  })
  after(async () => server?.stop())

  const become = async (baseCurrency = 'CHF', more: Readonly<Record<string, string>> = {}): Promise<void> => {
    person = await register(server.url, { baseCurrency, ...more })
  }
  /** A share that is priced by hand. */
  const share = async (more: Partial<NewAsset> = {}): Promise<string> =>
    (await person.own({ type: 'STOCK', name: 'Share', currency: 'CHF', pricing: 'MANUAL', ...more })).id
  const act = async (assetId: string, ...activities: readonly NewActivity[]): Promise<void> => {
    for (const activity of activities) {
      const { status, body } = await person.ask('POST', `/v1/assets/${assetId}/activities`, activity)
      expect(status, JSON.stringify(body)).to.equal(201)
    }
  }
  /** `BUY 2021-11-22 2 142.9 1.55`: units at a price and with a fee; of others than trades the amount. */
  const line = (text: string): NewActivity => {
    const [type = '', date = '', quantity = '', unitPrice, fee = '0'] = text.split(' ')
    if (type === 'SPLIT') return { type, date, ratio: quantity }
    if (unitPrice === undefined) return { type: type as Activity['type'], date, amount: quantity }
    return { type: type as Activity['type'], date, quantity, unitPrice, fee }
  }
  const trade = (assetId: string, ...lines: string[]): Promise<void> => act(assetId, ...lines.map(line))
  const price = async (assetId: string, prices: Readonly<Record<string, string>>): Promise<void> => {
    const told = Object.entries(prices).map(([date, unitPrice]) => ({ date, unitPrice }))
    const { status, body } = await person.ask('POST', `/v1/assets/${assetId}/prices`, told)
    expect(status, JSON.stringify(body)).to.equal(201)
  }
  const performance = async (query = ''): Promise<Performance> => {
    const { status, body } = await person.ask<Performance>('GET', `/v1/portfolio/performance${query}`)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body
  }
  const only = ({ assets }: Performance): AssetPerformance => {
    expect(assets).to.have.length(1)
    return assets[0] as AssetPerformance
  }

  /** Figures that the tests of Ghostfolio's calculator publish (apps/api/src/app/portfolio/calculator/roai). */
  describe('gives the figures of Ghostfolio', () => {
    beforeEach(() => become())

    it('for what was bought and sold', async () => {
      const id = await share()
      await trade(id, 'BUY 2021-11-22 2 142.9 1.55', 'SELL 2021-11-30 2 136.6 1.65')
      const told = await performance('?to=2021-12-18')
      expect(told).to.deep.include({
        from: '2021-11-22',
        to: '2021-12-18',
        endValue: '0.00',
        netFlows: '12.60',
        grossPerformance: '-12.60',
        fees: '3.20',
        netPerformance: '-15.80',
        realised: '-15.80',
        unrealised: '0.00',
        roai: '-0.055283415',
        investment: '0.00',
      })
      expect(only(told).averagePrice).to.equal(null)
    })
  })
})
