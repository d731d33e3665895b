import { expect } from 'chai'
import { assetRoutes } from '../../src/assets/routes.js'
import { type Assets, assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { DayStarts } from '../../src/prices/day-starts.js'
import { priceStore } from '../../src/prices/store.js'
import type { AssetPrice, NewAssetPrice, Page, Problem } from '../../src/protocol/resources.js'
import { portfolioLoader } from '../../src/valuation/load.js'
import { type Door, openDoor, sendJson } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { FakeClock } from '../support/exchange-clock.js'

/** In Jakarta it is the 11th of March already. */
const NOW = Date.UTC(2026, 2, 10, 18)

describe('the prices of an asset, day by day', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId: string
  let owned: Assets
  const changes: string[] = []
  const clock = new FakeClock(NOW)
  const dated = new DatedMarkets({ now: () => NOW, live: { price: () => undefined, rate: () => null } }).load

  before(async () => {
    db = await openTestDatabase('embedded')
    userId = await addUser(db, { baseCurrency: 'IDR' })
    await db.asSystem((tx) => tx.user.update({ where: { id: userId }, data: { timeZone: 'Asia/Jakarta' } }))
    owned = assets({
      db,
      clock,
      priceOf: async () => undefined,
      dated,
      changed: (user) => void changes.push(user),
    })
    const routes = assetRoutes(owned, {
      signedIn: async (ctx, next) => {
        doorState(ctx).actor = { userId, sessionId: 's', role: 'USER', expiresAt: NOW }
        await next()
      },
      once: (_, next) => next(),
    })
    door = await openDoor((router) => router.use(routes.routes()))
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  const flat = () => owned.create(userId, { type: 'REAL', name: 'Flat', currency: 'IDR', unitCost: '500' })
  const post = async <T = AssetPrice & Problem>(id: string, body: unknown) => {
    const response = await sendJson(`${door.url}/v1/assets/${id}/prices`, body)
    return { status: response.status, body: (await response.json()) as T }
  }
  const get = async (id: string, query = '') => {
    const response = await fetch(`${door.url}/v1/assets/${id}/prices${query}`)
    return (await response.json()) as Page<AssetPrice>
  }
  const told = ({ data }: { readonly data: readonly AssetPrice[] }) =>
    data.map(({ date, unitPrice }) => `${date} ${unitPrice}`)

  it('are recorded one by one or as a list, and one of the same date replaces the one before', async () => {
    const { id } = await flat()
    expect(await post(id, { date: '2026-03-01', unitPrice: '600.50' })).to.deep.equal({
      status: 201,
      body: { date: '2026-03-01', unitPrice: '600.5', currency: 'IDR', source: 'manual', state: 'manual' },
    })
    const listed = await post<Page<AssetPrice>>(id, [
      { date: '2026-03-02', unitPrice: '1' },
      { date: '2026-03-01', unitPrice: '0.000000000000000001' },
      { date: '2026-03-02', unitPrice: '620' },
    ])
    expect([listed.status, listed.body.nextCursor]).to.deep.equal([201, null])
    expect(told(listed.body)).to.deep.equal(['2026-03-01 0.000000000000000001', '2026-03-02 620'])
    expect(told(await get(id))).to.deep.equal(['2026-03-02 620', '2026-03-01 0.000000000000000001'])
  })

  it('count in the valuation at once', async () => {
    const { id } = await flat()
    changes.length = 0
    const load = portfolioLoader({ db, dayStarts: new DayStarts({ db, pairs: () => [] }), clock })
    const before = await load(userId)
    await post(id, { date: '2026-03-11', unitPrice: '700' })
    expect(changes).to.deep.equal([userId])
    const after = await load(userId)
    expect(after?.version).to.equal((before?.version ?? 0) + 1)
    expect(after?.positions.find(({ assetId }) => assetId === id)?.fixedPrice?.amount).to.equal(
      parseFixed('700'),
    )
  })

  it('are listed page by page, the newest first', async () => {
    const { id } = await flat()
    const days = Array.from({ length: 1_000 }, (_, day) => new Date(NOW - day * 86_400_000))
    const prices: NewAssetPrice[] = days.map((day, index) => ({
      date: day.toISOString().slice(0, 10),
      unitPrice: String(index + 1),
    }))
    expect((await post<Page<AssetPrice>>(id, prices)).body.data).to.have.lengthOf(1_000)
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null && seen.length < 2_000; ) {
      const page: Page<AssetPrice> = await get(id, `?limit=100${cursor && `&cursor=${cursor}`}`)
      seen.push(...told(page))
      cursor = page.nextCursor
    }
    expect(seen).to.deep.equal(prices.map(({ date, unitPrice }) => `${date} ${unitPrice}`))
    expect((await get(id)).data).to.have.lengthOf(50)
  })

  it('are refused with a pointer to each mistake, and then none is stored', async () => {
    const { id } = await flat()
    const good = { date: '2026-03-01', unitPrice: '1' }
    const mistakes: readonly [unknown, string][] = [
      [{ ...good, date: '2026-03-12' }, '/date'],
      [[good, { ...good, date: '2026-03-12' }], '/1/date'],
      [{ ...good, date: '2026-02-30' }, '/date'],
      [{ ...good, unitPrice: '0' }, '/unitPrice'],
      [{ ...good, unitPrice: 1 }, '/unitPrice'],
      [[good, { ...good, unitPrice: '-1' }], '/1/unitPrice'],
      [{ ...good, currency: 'USD' }, '/currency'],
      [[], ''],
      [Array.from({ length: 1_001 }, () => good), ''],
      [{}, '/date'],
      [[[good]], '/0'],
    ]
    for (const [body, pointer] of mistakes) {
      const { status, body: problem } = await post(id, body)
      expect([status, problem.errors?.[0]?.pointer], JSON.stringify(body).slice(0, 80)).to.deep.equal([
        422,
        pointer,
      ])
    }
    expect((await get(id)).data).to.deep.equal([])
    for (const query of ['?cursor=x', `?cursor=${Buffer.from('["1"]').toString('base64url')}`, '?limit=101'])
      expect((await get(id, query)) as unknown, query).to.include({ status: 422 })
  })

  it('of what a market prices are its closes, in its currency, and cannot be recorded', async () => {
    const share = await owned.create(userId, { type: 'STOCK', symbol: 'AAPL', quantity: '1', unitCost: '1' })
    const close = { symbol: 'AAPL', interval: '1d', source: 'yahoo', state: 'delayed' } as const
    const prices = (price: string) => {
      const close = parseFixed(price)
      return { open: close, high: close, low: close, close }
    }
    await db.asSystem((tx) =>
      priceStore.upsertCandles(
        tx,
        ['231.5', '232', '229.99'].map((price, day) => ({
          ...close,
          at: Date.UTC(2026, 2, 6 + day),
          ...prices(price),
        })),
      ),
    )
    const { data } = await get(share.id)
    expect(data[0]).to.deep.equal({
      ...{ date: '2026-03-08', unitPrice: '229.99', currency: 'USD' },
      ...{ source: 'yahoo', state: 'delayed' },
    })
    const first = await get(share.id, '?limit=2')
    expect(told(first)).to.deep.equal(['2026-03-08 229.99', '2026-03-07 232'])
    expect(told(await get(share.id, `?cursor=${first.nextCursor}`))).to.deep.equal(['2026-03-06 231.5'])
    const answer = await post(share.id, { date: '2026-03-01', unitPrice: '1' })
    expect([answer.status, answer.body.code]).to.deep.equal([409, 'priced-by-market'])
  })

  it('of an account there are none', async () => {
    const { id } = await owned.create(userId, { type: 'CASH', name: 'Wallet', quantity: '5' })
    expect((await get(id)).data).to.deep.equal([])
    const answer = await post(id, { date: '2026-03-01', unitPrice: '1' })
    expect([answer.status, answer.body.code]).to.deep.equal([409, 'account-without-price'])
  })
})
