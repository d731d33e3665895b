import { expect } from 'chai'
import { activityRoutes, assetRoutes } from '../../src/assets/routes.js'
import { assets } from '../../src/assets/service.js'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import { systemClock } from '../../src/lib/clock.js'
import { DatedMarkets } from '../../src/prices/dated-market.js'
import { priceStore } from '../../src/prices/store.js'
import type { Activity, Asset, NewActivity, NewAsset, Page, Problem } from '../../src/protocol/resources.js'
import { type Door, openDoor } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { send } from '../support/people.js'

const NOW = Date.UTC(2026, 0, 1, 12)
const DATE = '2024-03-01'

describe('activities of every kind', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId = ''

  before(async () => {
    db = await openTestDatabase('embedded')
    const fix = { base: 'EUR', quote: 'USD', source: 'ecb' }
    await db.asSystem((tx) =>
      priceStore.saveRates(tx, [
        { ...fix, date: DATE, rate: '1.25' },
        { ...fix, date: '2024-03-20', rate: '1.6' },
        { ...fix, quote: 'GBP', date: DATE, rate: '0.8' },
      ]),
    )
    const live = { price: () => undefined, rate: () => null }
    const clock = { ...systemClock, now: () => NOW }
    const dated = new DatedMarkets({ now: () => NOW, live }).load
    const owned = assets({ db, clock, dated, priceOf: async () => undefined, changed: () => {} })
    const signedIn: Parameters<typeof activityRoutes>[1]['signedIn'] = async (ctx, next) => {
      doorState(ctx).actor = { userId, sessionId: 's', role: 'USER', expiresAt: NOW }
      await next()
    }
    door = await openDoor((router) => {
      router.use(assetRoutes(owned, { signedIn, once: (_, next) => next() }).routes())
      router.use(activityRoutes(owned, { signedIn }).routes())
    })
  })
  beforeEach(async () => {
    userId = await addUser(db)
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  const ask = <T>(method: string, path: string, input?: unknown) => send<T>(door.url, method, path, input)
  async function own(asset: NewAsset): Promise<string> {
    const { status, body } = await ask<Asset>('POST', '/v1/assets', { date: '2024-01-01', ...asset })
    expect(status, JSON.stringify(body)).to.equal(201)
    return body.id
  }
  async function act(id: string, activity: Omit<NewActivity, 'date'> & { date?: string }): Promise<Activity> {
    const input = { date: DATE, ...activity }
    const { status, body } = await ask<Activity>('POST', `/v1/assets/${id}/activities`, input)
    expect(status, JSON.stringify(body)).to.equal(201)
    return body
  }
  async function refuse(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await ask<Problem>(method, path, body)
    return [answer.status, answer.body.code, ...(answer.body.errors ?? []).map(({ pointer }) => pointer)]
      .join(' ')
      .trim()
  }
  const refuseAct = (id: string, activity: Omit<NewActivity, 'date'>) =>
    refuse('POST', `/v1/assets/${id}/activities`, { date: DATE, ...activity })
  const item = (activity: Activity) => `/v1/assets/${activity.assetId}/activities/${activity.id}`
  const read = async (id: string) => (await ask<Asset>('GET', `/v1/assets/${id}`)).body
  const held = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await read(id)).quantity))
  const listed = async (id: string) =>
    (await ask<Page<Activity>>('GET', `/v1/assets/${id}/activities`)).body.data
  const share = (more: Partial<NewAsset> = {}) => own({ type: 'STOCK', symbol: 'ACME', ...more })
  const cash = (currency: string, quantity: string) => own({ type: 'CASH', currency, quantity })
  const baseCost = async (id: string) => {
    const row = await db.asUser(userId, (tx) =>
      tx.asset.findFirst({ where: { id }, select: { baseCost: true } }),
    )
    return row?.baseCost?.toFixed() ?? null
  }

  it('split what is held by a ratio, or by its factor, and leave the cost', async () => {
    const id = await share({ quantity: '10', unitCost: '9' })
    const split = await act(id, { type: 'SPLIT', ratio: '6:4' })
    expect(split).to.deep.include({ ratio: '3:2', quantity: null, amount: null })
    expect(await read(id)).to.include({ quantity: '15', cost: '90.00', averagePrice: '6' })
    const told = await act(id, { type: 'SPLIT', quantity: '0.1' })
    expect(told).to.include({ ratio: '1:10', quantity: '0.1' })
    expect(await held(id)).to.deep.equal(['1.5'])
    const changed = await ask<Activity>('PATCH', item(told), { ratio: '1:3' })
    expect(changed.body).to.include({ ratio: '1:3', quantity: null })
    expect(await held(id)).to.deep.equal(['5'])
    expect((await ask<Activity>('PATCH', item(split), { quantity: '2147483647' })).body.ratio).to.equal(
      '2147483647:1',
    )
    expect(await held(id)).to.deep.equal(['7158278823.333333333333333333'])
    for (const [input, pointer] of [
      [{}, '/ratio'],
      [{ ratio: '0:1' }, '/ratio'],
      [{ ratio: '3/2' }, '/ratio'],
      [{ ratio: '2147483648:1' }, '/ratio'],
      [{ ratio: '2:1', quantity: '3' }, '/quantity'],
      [{ quantity: '0' }, '/quantity'],
      [{ quantity: '0.00000000012345' }, '/quantity'],
      [{ ratio: '2:1', fee: '1' }, '/fee'],
    ] as const)
      expect(await refuseAct(id, { type: 'SPLIT', ...input }), JSON.stringify(input)).to.equal(
        `422 invalid-input ${pointer}`,
      )
  })

  it('keep dust exact through splits, and refuse what has no room', async () => {
    const id = await own({
      type: 'CRYPTO',
      symbol: 'ETH-USD',
      quantity: '1000000000000000',
      unitCost: '0.0000000123',
    })
    await act(id, { type: 'SPLIT', ratio: '1:1000000007' })
    await act(id, { type: 'SELL', quantity: '0.000000000000000001', amount: '1' })
    expect(await read(id)).to.include({ quantity: '999999.993000000048999999', cost: '12300000.00' })
    await act(id, { type: 'SPLIT', ratio: '2147483647:1' })
    expect(await refuseAct(id, { type: 'SPLIT', ratio: '2147483647:1' })).to.equal('422 amount-too-large')
    const dear = { type: 'BUY', unitPrice: '1', currency: 'EUR', rate: `1${'0'.repeat(19)}` } as const
    await act(id, { ...dear, quantity: '1' })
    expect(await refuseAct(id, { ...dear, quantity: '10' })).to.equal('422 amount-too-large /rate')
  })

  it('settle what is bought, sold and paid by an account, in its currency, and follow every change', async () => {
    const id = await share()
    const [bank, euros] = [await cash('USD', '1000'), await cash('EUR', '1000')]
    const bought = await act(id, {
      type: 'BUY',
      quantity: '10',
      unitPrice: '20',
      fee: '5',
      tax: '1',
      accountId: bank,
    })
    expect(bought).to.include({ accountId: bank, amount: '200' })
    expect(await held(bank)).to.deep.equal(['794'])
    const [row] = await listed(bank)
    expect(row).to.deep.include({
      type: 'WITHDRAWAL',
      amount: '206',
      cause: { kind: 'activity', id: bought.id },
    })
    for (const method of ['PATCH', 'DELETE'])
      expect(
        await refuse(
          method,
          `/v1/assets/${bank}/activities/${row?.id}`,
          method === 'PATCH' ? { amount: '1' } : undefined,
        ),
      ).to.equal('409 follows-from-another')
    await act(id, { type: 'SELL', quantity: '1', unitPrice: '30', fee: '2', accountId: euros })
    await act(id, { type: 'DIVIDEND', amount: '10', tax: '2.5', accountId: euros })
    await act(id, { type: 'FEE', amount: '1', accountId: bank })
    // (30 - 2 + 10 - 2.5) / 1.25
    expect(await held(bank, euros)).to.deep.equal(['793', '1028.4'])
    await ask('PATCH', item(bought), { accountId: euros, date: '2024-03-20' }).then(({ status }) =>
      expect(status).to.equal(422),
    )
    await ask('PATCH', item(bought), { accountId: euros })
    expect(await held(bank, euros)).to.deep.equal(['999', '863.6'])
    await ask('PATCH', item(bought), { accountId: null })
    expect(await held(bank, euros)).to.deep.equal(['999', '1028.4'])
    await ask('PATCH', item(bought), { accountId: bank, unitPrice: '10' })
    expect(await held(bank)).to.deep.equal(['893'])
    await ask('DELETE', `/v1/assets/${bank}`)
    expect((await ask<Activity>('GET', item(bought))).body).to.include({ accountId: null, version: 5 })
    expect((await ask('DELETE', `/v1/assets/${id}`)).status).to.equal(204)
    expect(await held(euros)).to.deep.equal(['1000'])
  })

  it('move lots to another holding in one step, and back with it', async () => {
    const [from, to] = [
      await share({ quantity: '4', unitCost: '10' }),
      await own({ type: 'REAL', currency: 'EUR', quantity: '0' }),
    ]
    await act(from, { type: 'BUY', quantity: '4', unitPrice: '20', date: '2024-02-01' })
    const out = await act(from, { type: 'TRANSFER_OUT', quantity: '6', toAssetId: to, toQuantity: '3' })
    expect(out).to.include({ toAssetId: to, quantity: '6' })
    // 40 + 40 of 120 dollars went, at 1.25
    expect(await read(from)).to.include({ quantity: '2', cost: '40.00' })
    expect(await read(to)).to.include({ quantity: '3', cost: '64.00' })
    expect(await baseCost(to)).to.equal('80')
    const [arrived] = await listed(to)
    expect(arrived).to.deep.include({
      type: 'TRANSFER_IN',
      currency: 'USD',
      rate: '0.8',
      cause: { kind: 'activity', id: out.id },
    })
    const first = await act(from, { type: 'BUY', quantity: '6', unitPrice: '1', date: '2023-12-01' })
    expect([(await read(from)).cost, (await read(to)).cost]).to.deep.equal(['120.00', '4.80'])
    await ask('DELETE', item(first))
    expect([(await read(from)).cost, (await read(to)).cost]).to.deep.equal(['40.00', '64.00'])
    await ask('PATCH', item(out), { rate: '0.5', toQuantity: null })
    expect(await read(to)).to.include({ quantity: '6', cost: '40.00' })
    const sold = await act(to, { type: 'SELL', quantity: '5', unitPrice: '1' })
    expect(await refuse('PATCH', item(out), { quantity: '4' })).to.equal('422 oversold /quantity')
    expect(await refuse('DELETE', item(out))).to.equal('422 oversold /quantity')
    expect(await refuse('DELETE', `/v1/assets/${from}`)).to.equal('409 in-use')
    await ask('DELETE', item(sold))
    expect((await ask('DELETE', item(out))).status).to.equal(204)
    expect(await held(from, to)).to.deep.equal(['8', '0'])
    await act(from, { type: 'TRANSFER_OUT', quantity: '8', toAssetId: to })
    expect((await ask('DELETE', `/v1/assets/${from}`)).status).to.equal(204)
    expect(await held(to)).to.deep.equal(['0'])
  })

  it('move money between accounts by what is told of it, or by the rate of the date', async () => {
    const [dollars, euros] = [await cash('USD', '1000'), await cash('EUR', '0')]
    const move = await act(dollars, { type: 'TRANSFER_OUT', amount: '100', toAssetId: euros })
    expect(await held(dollars, euros)).to.deep.equal(['900', '80'])
    await ask('PATCH', item(move), { toQuantity: '79.5' })
    expect(await held(euros)).to.deep.equal(['79.5'])
    await ask('PATCH', item(move), { amount: '200' })
    expect(await held(dollars, euros)).to.deep.equal(['800', '79.5'])
    await ask('PATCH', item(move), { toQuantity: null, rate: '0.7' })
    expect(await held(euros)).to.deep.equal(['140'])
    await ask('PATCH', item(move), { rate: null, date: '2024-03-20' })
    expect(await held(euros)).to.deep.equal(['125'])
    const holding = await share()
    for (const [input, pointer] of [
      [{ amount: '1', toAssetId: holding }, '/toAssetId'],
      [{ amount: '1', toAssetId: dollars }, '/toAssetId'],
      [{ amount: '1', toAssetId: '0190a7c0-0000-7000-8000-000000000000' }, '/toAssetId'],
      [{ amount: '1', toQuantity: '1' }, '/toQuantity'],
    ] as const)
      expect(await refuseAct(dollars, { type: 'TRANSFER_OUT', ...input })).to.equal(
        `422 invalid-input ${pointer}`,
      )
  })

  it('come from and go to elsewhere without an asset of the user, with the cost that is told', async () => {
    const id = await share()
    await act(id, { type: 'TRANSFER_IN', quantity: '4', amount: '100' })
    await act(id, { type: 'TRANSFER_IN', quantity: '2', unitPrice: '10' })
    await act(id, { type: 'TRANSFER_IN', quantity: '1' })
    await act(id, { type: 'TRANSFER_OUT', quantity: '2' })
    expect(await read(id)).to.include({ quantity: '5', cost: '70.00' })
  })

  it('take another currency at the rate that is told, or that of the date', async () => {
    const id = await share()
    const found = await act(id, { type: 'BUY', quantity: '1', unitPrice: '100', fee: '4', currency: 'EUR' })
    expect(found).to.include({ currency: 'EUR', rate: '1.25', amount: '100' })
    expect(await read(id)).to.include({ cost: '130.00' })
    const moved = await ask<Activity>('PATCH', item(found), { date: '2024-03-20' })
    expect(moved.body.rate).to.equal('1.6')
    const told = await ask<Activity>('PATCH', item(found), { rate: '2' })
    expect(told.body.rate).to.equal('2')
    expect((await ask<Activity>('PATCH', item(found), { date: DATE })).body.rate).to.equal('2')
    expect((await ask<Activity>('PATCH', item(found), { rate: null })).body.rate).to.equal('1.25')
    const pence = await own({ type: 'STOCK', symbol: 'VOD.L', quantity: '0' })
    await act(pence, { type: 'BUY', quantity: '2', unitPrice: '3', currency: 'GBP' })
    expect(await read(pence)).to.include({ currency: 'GBX', cost: '600.00' })
    expect(await refuseAct(id, { type: 'BUY', quantity: '1', unitPrice: '1', currency: 'IDR' })).to.equal(
      '422 no-rate /rate',
    )
    expect(await refuseAct(id, { type: 'BUY', quantity: '1', unitPrice: '1', rate: '2' })).to.equal(
      '422 invalid-input /rate',
    )
    const unknown = await cash('IDR', '100')
    expect(await refuseAct(id, { type: 'BUY', quantity: '1', unitPrice: '1', accountId: unknown })).to.equal(
      '422 no-rate /accountId',
    )
  })

  it('cost in the base currency what was paid at the rates of their dates', async () => {
    const id = await own({ type: 'REAL', currency: 'EUR', quantity: '0' })
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '100' })
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '100', date: '2024-03-20' })
    expect(await baseCost(id)).to.equal('285')
    await act(id, { type: 'SELL', quantity: '1', unitPrice: '1', date: '2024-03-21' })
    expect(await baseCost(id)).to.equal('160')
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '100', rate: '3' })
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '50', currency: 'USD', rate: '0.5' })
    expect(await baseCost(id)).to.equal('510')
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '100', date: '2020-01-01' })
    expect(await baseCost(id)).to.equal('635')
    await act(id, { type: 'BUY', quantity: '1', unitPrice: '100', date: '2020-01-01' })
    expect(await baseCost(id)).to.equal(null)
  })

  it('sell short where the asset allows it, and only as long as it does', async () => {
    const id = await share()
    expect(await refuseAct(id, { type: 'SELL', quantity: '3', unitPrice: '5' })).to.equal(
      '422 oversold /quantity',
    )
    await ask('PATCH', `/v1/assets/${id}`, { shortAllowed: true })
    await act(id, { type: 'SELL', quantity: '3', unitPrice: '5' })
    expect(await read(id)).to.include({
      quantity: '-3',
      cost: '-15.00',
      averagePrice: '5',
      shortAllowed: true,
    })
    expect(await refuse('PATCH', `/v1/assets/${id}`, { shortAllowed: false })).to.equal(
      '422 oversold /shortAllowed',
    )
    expect(await refuseAct(id, { type: 'TRANSFER_OUT', quantity: '1' })).to.equal('422 oversold /quantity')
    await act(id, { type: 'BUY', quantity: '3', unitPrice: '4', date: '2024-02-01' })
    expect(
      (await ask<Asset>('PATCH', `/v1/assets/${id}`, { shortAllowed: false })).body.shortAllowed,
    ).to.equal(false)
  })

  it('are listed by date, newest first, of one asset or of all, by kind and range', async () => {
    const [id, bank] = [await share(), await cash('USD', '5')]
    for (const date of ['2024-02-03', '2024-02-01', '2024-02-02', '2024-02-02'])
      await act(id, { type: 'BUY', quantity: '1', unitPrice: '1', date })
    await act(bank, { type: 'DEPOSIT', quantity: '7', date: '2024-02-02' })
    const dates = async (query: string, path = '/v1/activities') => {
      const { body } = await ask<Page<Activity>>('GET', `${path}?limit=2&${query}`)
      const found = body.data.map(({ date, type }) => `${type[0]}${date.slice(-2)}`)
      return { found: found.join(' '), next: body.nextCursor }
    }
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await dates(cursor === '' ? '' : `cursor=${cursor}`)
      seen.push(page.found)
      cursor = page.next
    }
    expect(seen).to.deep.equal(['B03 D02', 'B02 B02', 'B01 D01'])
    expect((await dates('type=DEPOSIT')).found).to.equal('D02 D01')
    expect((await dates(`assetId=${bank}&from=2024-02-01`)).found).to.equal('D02')
    expect((await dates('to=2024-02-01', `/v1/assets/${id}/activities`)).found).to.equal('B01')
    for (const query of ['type=GIFT', 'from=2024-02-30', 'assetId=x', 'cursor=x', 'page=2'])
      expect(await refuse('GET', `/v1/activities?${query}`), query).to.match(/^422/)
  })
})
