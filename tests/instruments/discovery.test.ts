import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import { instrumentRoutes } from '../../src/instruments/routes.js'
import { instrumentStore } from '../../src/instruments/store.js'
import type { Instrument, Page } from '../../src/protocol/resources.js'
import { type Door, openDoor } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'

describe('instruments that are asked for by name', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  const discovered: string[] = []
  before(async () => {
    db = await openTestDatabase('embedded')
    const userId = await addUser(db, { baseCurrency: 'IDR' })
    const pairs = ['IDR', 'USD', 'USDT'].map((quote) => ({
      ...{ symbol: `BTC${quote}`, pair: { base: 'BTC', quote }, trading: true },
    }))
    await db.asSystem((tx) => instrumentStore.storeListings(tx, 'indodax', pairs))
    const routes = instrumentRoutes({
      db,
      async discover(symbol) {
        discovered.push(symbol)
        if (symbol !== 'BBCA.JK') return
        const facts = { source: 'yahoo', name: 'Bank Central Asia', isin: 'ID1000109507', currency: 'IDR' }
        await db.asSystem((tx) => instrumentStore.learned(tx, symbol, facts))
      },
      signedIn: async (ctx, next) => {
        doorState(ctx).actor = { userId, sessionId: 's', role: 'USER', expiresAt: 0 }
        await next()
      },
    })
    door = await openDoor((router) => router.use(routes.routes()))
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })
  const get = async (path: string) => {
    const response = await fetch(`${door.url}/v1/instruments${path}`)
    return { status: response.status, body: (await response.json()) as Instrument & Page<Instrument> }
  }

  it('are a coin in the user’s currency, or a share by its ISIN', async () => {
    expect((await get('/BTC')).body).to.deep.equal({
      ...{ symbol: 'BTC-IDR', kind: 'CRYPTO', name: 'BTC', currency: 'IDR', mic: null, isin: null },
      ...{ lotSize: null, status: 'active', venues: ['indodax'] },
    })
    expect(discovered).to.deep.equal([])
  })

  it('are asked of the sources when nobody has named them yet, if they can be a share', async () => {
    const { status, body } = await get('/BBCA.JK')
    expect([status, body.name, body.venues]).to.deep.equal([200, 'Bank Central Asia', ['yahoo']])
    for (const name of ['/ID1000109507', '/bbca.jk', '/id1000109507']) {
      expect((await get(name)).body.symbol, name).to.equal('BBCA.JK')
    }
    expect((await get('/NONE.JK')).status).to.equal(404)
    expect(discovered).to.deep.equal(['BBCA.JK', 'NONE.JK'])
    for (const path of ['/NONE-USD', '/NONE-XXX', '/US0378331005', '/A%20B', `/${'X'.repeat(33)}`]) {
      expect((await get(path)).status, path).to.equal(404)
    }
    expect(discovered).to.deep.equal(['BBCA.JK', 'NONE.JK'])
  })

  it('are told page by page', async () => {
    const first = (await get('?query=btc&limit=2')).body
    expect(first.data.map(({ symbol }) => symbol)).to.deep.equal(['BTC-IDR', 'BTC-USD'])
    const second = (await get(`?query=btc&limit=2&cursor=${first.nextCursor}`)).body
    expect(second.data.map(({ symbol }) => symbol)).to.deep.equal(['BTC-USDT'])
    expect(second.nextCursor).to.equal(null)
    for (const cursor of ['["1","BTC"]', '[9999999999,"BTC"]', '[1]', '[1,"BTC",2]', '[1,"\\u0000"]']) {
      const forged = Buffer.from(cursor).toString('base64url')
      expect((await get(`?query=btc&cursor=${forged}`)).status, cursor).to.equal(422)
    }
  })
})
