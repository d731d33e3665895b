import { expect } from 'chai'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import type { Instrument, Page, Price } from '../../src/protocol/resources.js'
import { type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe('instruments and prices over HTTP', function () {
  this.timeout(60_000)
  let exchange: Simulator
  let server: TestServer
  let person: Person
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '64000.5', 'ETH-USD': '3300' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
    person = await register(server.url)
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD' })
    await person.own({ type: 'STOCK', symbol: 'BBCA.JK' })
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  it('are found by the beginning of symbol or name, in any case', async () => {
    const search = async (query: string) =>
      (await person.ask<Page<Instrument>>('GET', `/v1/instruments?query=${encodeURIComponent(query)}`)).body
        .data
    expect((await search('b')).map(({ symbol }) => symbol)).to.deep.equal(['BBCA.JK', 'BTC-USD'])
    expect(await search('bbca')).to.deep.equal([
      {
        ...{ symbol: 'BBCA.JK', kind: 'STOCK', name: 'BBCA.JK', currency: 'IDR', mic: 'XIDX', isin: null },
        ...{ lotSize: '100', status: 'active', venues: [] },
      },
    ])
    for (const nothing of ['%', '_', 'ZZZ', "'"]) expect(await search(nothing), nothing).to.deep.equal([])
    for (const query of [
      '',
      '?query=',
      `?query=${'x'.repeat(33)}`,
      '?query=a&query=b',
      '?name=b',
      '?query=b&cursor=x',
    ]) {
      expect((await person.ask('GET', `/v1/instruments${query}`)).status, query).to.equal(422)
    }
  })

  it('are told one by one, and 404 where there is none', async () => {
    const found = await person.ask<Instrument>('GET', '/v1/instruments/BTC-USD')
    expect([found.status, found.body.currency]).to.deep.equal([200, 'USD'])
    expect((await person.ask<Instrument>('GET', '/v1/instruments/btc-usd')).body).to.deep.equal(found.body)
    for (const path of ['NONE-USD', '%00', 'x'.repeat(33)]) {
      expect((await person.ask('GET', `/v1/instruments/${path}`)).status, path).to.equal(404)
    }
  })

  it('bring the prices that are known, and listen to those that are asked for', async () => {
    const prices = async (symbols: string) =>
      (await person.ask<{ data: Price[] }>('GET', `/v1/prices?symbols=${symbols}`)).body.data
    await until('the held one', async () => (await prices('BTC-USD')).length === 1)
    const [price] = await prices('BTC-USD,NONE-USD')
    expect(price).to.include({
      symbol: 'BTC-USD',
      amount: '64000.5',
      currency: 'USD',
      source: 'coinbase',
      state: 'live',
    })
    await until('the one that nobody holds', async () => (await prices('ETH-USD')).length === 1)
    exchange.set('ETH-USD', '3301.25')
    await until('its move', async () => (await prices('ETH-USD'))[0]?.amount === '3301.25')
    for (const symbols of [
      '',
      ',',
      'A,,B',
      'x'.repeat(33),
      Array.from({ length: 101 }, (_, index) => `A${index}`).join(','),
    ]) {
      expect(
        (await person.ask('GET', `/v1/prices?symbols=${symbols}`)).status,
        symbols.slice(0, 40),
      ).to.equal(422)
    }
  })
})
