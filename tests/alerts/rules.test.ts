import { expect } from 'chai'
import { alertRoutes } from '../../src/alerts/routes.js'
import { alerts } from '../../src/alerts/service.js'
import { expireAlerts } from '../../src/alerts/store.js'
import { budgets } from '../../src/cashflow/budgets.js'
import type { Database } from '../../src/database/database.js'
import { doorState } from '../../src/http/context.js'
import type { Clock } from '../../src/lib/clock.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { priceStore } from '../../src/prices/store.js'
import type { Alert, AlertChange, NewAlert } from '../../src/protocol/alerts.js'
import type { Page, Problem, Valuation } from '../../src/protocol/resources.js'
import { DATABASE_START_MS, type Door, openDoor } from '../http/door.js'
import { addUser, openTestDatabase } from '../support/database.js'

const NOW = Date.UTC(2026, 5, 10, 12)
const HOUR_MS = 3_600_000
const UNKNOWN = '0190a7c0-0000-7000-8000-000000000000'

describe('the rules of alerts', function () {
  this.timeout(60_000)
  let db: Database
  let door: Door
  let userId = ''
  let now = NOW
  let quotes: Record<string, readonly [price: string, version: number]> = {}
  let worth = valuationOf({})
  const asked = { quotes: 0, valuations: 0, budgets: 0 }

  before(async function () {
    this.timeout(DATABASE_START_MS)
    db = await openTestDatabase('embedded')
    const clock: Clock = { now: () => now, after: () => () => {}, every: () => () => {} }
    const spent = budgets({ db, clock, dated: () => Promise.reject(new Error('no rate is needed')) })
    const quote = (symbol: string) => {
      const [price, version] = quotes[symbol] ?? []
      return price && version ? { amount: parseFixed(price), version } : undefined
    }
    const service = alerts({
      db,
      clock,
      quote,
      awaitQuote: async (symbol) => {
        asked.quotes += 1
        return quote(symbol)
      },
      changed: () => {},
      valuation: async () => {
        asked.valuations += 1
        return worth
      },
      budgets: (...ask) => {
        asked.budgets += 1
        return spent.standings(...ask)
      },
    })
    const pass = async (_: unknown, next: () => Promise<unknown>): Promise<void> => void (await next())
    const signedIn: typeof pass = async (ctx, next) => {
      doorState(ctx as never).actor = { userId, sessionId: 's', role: 'USER', expiresAt: now + HOUR_MS }
      await next()
    }
    door = await openDoor((router) => router.use(alertRoutes(service, { signedIn, once: pass }).routes()))
  })
  beforeEach(async () => {
    userId = await addUser(db)
    now = NOW
    quotes = { 'BTC-USD': ['40000', 7], 'ETH-USD': ['3000', 9] }
    worth = valuationOf({})
  })
  after(async () => {
    await door?.close()
    await db?.close()
  })

  async function ask<T = Problem>(
    method: string,
    path = '',
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; headers: Headers; body: T }> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await fetch(`${door.url}/v1/alerts${path}`, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      ...sent,
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }
  const make = async <A extends Alert>(alert: NewAlert): Promise<A> => {
    const { status, body } = await ask<A>('POST', '', alert)
    expect(status, JSON.stringify(body)).to.equal(201)
    return body
  }
  const change = async (id: string, changes: AlertChange): Promise<Alert> => {
    const { status, body } = await ask<Alert>('PATCH', `/${id}`, changes)
    expect(status, JSON.stringify(body)).to.equal(200)
    return body
  }
  const refused = async (method: string, path: string, body: object) => {
    const answer = await ask(method, path, body)
    return [answer.status, ...(answer.body.errors ?? []).map(({ pointer }) => pointer)]
  }
  const list = async (query = '') => (await ask<Page<Alert>>('GET', query)).body.data
  /** What decides of an edge: arm version, baseline and its version, and how it stands. */
  const stored = (id: string) =>
    db.asUser(userId, async (tx) => {
      const row = await tx.alert.findUniqueOrThrow({ where: { id } })
      return [row.armVersion, row.previous?.toFixed() ?? null, Number(row.previousVersion), row.state]
    })
  const fire = (id: string) =>
    db.asSystem((tx) =>
      tx.alert.update({
        where: { id },
        data: { state: 'fired', firedAt: new Date(now) },
        select: { id: true },
      }),
    )

  it('are made, listed, changed under their tag, and removed', async () => {
    const made = await ask<Alert>('POST', '', { ...above, threshold: '50000.50' })
    expect(made.status).to.equal(201)
    const { id } = made.body
    expect(made.headers.get('location')).to.equal(`/v1/alerts/${id}`)
    expect(made.body).to.deep.equal({
      ...{ id, kind: 'PRICE', symbol: 'BTC-USD', per: null, condition: 'above', threshold: '50000.5' },
      ...{ percent: null, windowMinutes: null, direction: null, repeat: 'once', hysteresis: '1' },
      ...{ minIntervalSeconds: 0, expiresAt: null, snoozedUntil: null, channels: null, note: null },
      ...{ state: 'armed', firedAt: null, alreadyTrue: false, version: 1 },
      ...{ createdAt: made.body.createdAt, updatedAt: made.body.updatedAt },
    })
    const other = await make({ kind: 'PORTFOLIO', condition: 'newHigh' })
    const seen = { 'If-Match': made.headers.get('etag') ?? '' }
    const changed = await ask<Alert>('PATCH', `/${id}`, { channels: ['email'], note: 'Sell?' }, seen)
    expect(changed.body).to.deep.include({ channels: ['email'], note: 'Sell?', version: 2 })
    for (const [method, body] of [['PATCH', { note: null }], ['DELETE']] as const)
      expect((await ask(method, `/${id}`, body, seen)).status, method).to.equal(412)
    const page = (await ask<Page<Alert>>('GET', '?limit=1')).body
    expect(page.data).to.deep.equal([other])
    expect((await ask<Page<Alert>>('GET', `?cursor=${page.nextCursor}`)).body).to.deep.equal({
      data: [changed.body],
      nextCursor: null,
    })
    expect(await list('?kind=PORTFOLIO')).to.deep.equal([other])
    expect(await list('?symbol=BTC-USD&state=armed')).to.deep.equal([changed.body])
    expect((await ask('DELETE', `/${id}`)).status).to.equal(204)
    for (const method of ['GET', 'DELETE']) expect((await ask(method, `/${id}`)).status).to.equal(404)
  })

  it('say whether they hold already, by what their baseline is', async () => {
    const price = (more: object) => make({ ...above, ...more } as NewAlert)
    const at = await price({ threshold: '40000' })
    expect(at.alreadyTrue).to.equal(true)
    expect(await stored(at.id)).to.deep.equal([1, '40000', 7, 'armed'])
    expect((await price({ threshold: '40000.01' })).alreadyTrue).to.equal(false)
    expect((await price({ condition: 'below', threshold: '40000' })).alreadyTrue).to.equal(true)
    expect((await price({ condition: 'below', threshold: '39999' })).alreadyTrue).to.equal(false)
    expect((await price({ condition: 'crosses' })).alreadyTrue).to.equal(null)
    const ratio = await price({ per: 'ETH-USD', threshold: '13.3' })
    expect(ratio.alreadyTrue).to.equal(true)
    expect(await stored(ratio.id)).to.deep.equal([1, '13.333333333333333333', 16, 'armed'])
    const unknown = await price({ symbol: 'SOL-USD' })
    expect(unknown.alreadyTrue).to.equal(null)
    // Of quotes to come: none from before it was made is an edge for it.
    expect((await stored(unknown.id)).slice(1, 3)).to.deep.equal([null, now * 1_024])

    worth = valuationOf({ values: ['1500', '-500', null], dayPercent: '-3.5000' })
    const total = (more: object) => make({ kind: 'PORTFOLIO', ...more } as NewAlert)
    const high = await total({ condition: 'above', threshold: '1000' })
    expect(high).to.deep.include({ alreadyTrue: true, currency: 'USD' })
    expect(await stored(high.id)).to.deep.equal([1, '1000', 0, 'armed'])
    expect((await total({ condition: 'below', threshold: '999' })).alreadyTrue).to.equal(false)
    const moved = { condition: 'dayChange', percent: '3.5' }
    expect((await total({ ...moved })).alreadyTrue).to.equal(true)
    expect((await total({ ...moved, direction: 'up' })).alreadyTrue).to.equal(false)
    expect((await total({ condition: 'share', percent: '99' })).alreadyTrue).to.equal(true)
    expect((await total({ condition: 'newHigh' })).alreadyTrue).to.equal(null)
    worth = valuationOf({ values: [null] })
    expect((await total({ condition: 'below', threshold: '9' })).alreadyTrue).to.equal(null)

    Object.assign(asked, { quotes: 0, valuations: 0, budgets: 0 })
    quotes['BTC-USD'] = ['39000', 8]
    const later = new Map((await list()).map(({ id, alreadyTrue }) => [id, alreadyTrue]))
    expect([later.get(at.id), later.get(ratio.id), later.get(high.id)]).to.deep.equal([false, false, null])
    expect(asked).to.deep.equal({ quotes: 0, valuations: 1, budgets: 0 })
  })

  it('of goals and budgets say what is reached and spent, of which nobody is told again', async () => {
    const ids = await db.asUser(userId, async (tx) => {
      const goal = { userId, name: 'Boat', target: '9', currency: 'USD', basis: 'NET_WORTH' as const }
      const goalId = (await tx.goal.create({ data: { ...goal, reachedAt: new Date(now) } })).id
      const category = { userId, kind: 'EXPENSE' as const, name: 'Food' }
      const categoryId = (await tx.category.create({ data: category })).id
      const budget = { userId, categoryId, amount: '100', currency: 'USD', month: '' }
      const budgetId = (await tx.budget.create({ data: budget })).id
      const expense = { userId, categoryId, amount: '85', currency: 'USD', date: new Date(now) }
      await tx.expense.create({ data: expense })
      return { goalId, budgetId, expense }
    })
    const goal = await make({ kind: 'GOAL', goalId: ids.goalId })
    expect(goal).to.deep.include({ alreadyTrue: true, state: 'armed' })
    expect(goal).to.deep.include({ events: ['milestone', 'reached', 'fellBack', 'behindPace'] })
    const far = await make({ kind: 'GOAL', goalId: ids.goalId, events: ['behindPace'] })
    expect(far.alreadyTrue).to.equal(null)

    const occasions = async (alertId: string) =>
      db.asUser(userId, async (tx) =>
        (await tx.alertFiring.findMany({ where: { alertId } })).map(({ occasion }) => occasion).sort(),
      )
    const budget = await make({ kind: 'BUDGET', budgetId: ids.budgetId })
    expect(budget).to.deep.include({ alreadyTrue: true, percents: [80, 100] })
    expect(await occasions(budget.id)).to.deep.equal(['2026-06:80'])
    const changed = await change(budget.id, { percents: [120, 50, 90] })
    expect(changed).to.deep.include({ percents: [50, 90, 120], alreadyTrue: true })
    expect(await occasions(budget.id)).to.deep.equal(['2026-06:50', '2026-06:80'])
    expect((await change(budget.id, { percents: [90] })).alreadyTrue).to.equal(false)
    await change(budget.id, { snoozedUntil: new Date(now + HOUR_MS).toISOString() })
    await db.asUser(userId, (tx) => tx.expense.create({ data: { ...ids.expense, amount: '10' } }))
    await change(budget.id, { snoozedUntil: null })
    expect(await occasions(budget.id), 'woken').to.deep.equal(['2026-06:50', '2026-06:80', '2026-06:90'])

    for (const [field, alert] of [
      ['goalId', { kind: 'GOAL' }],
      ['budgetId', { kind: 'BUDGET' }],
      ['assetId', { kind: 'PORTFOLIO', condition: 'share', percent: '50' }],
    ] as const)
      expect(await refused('POST', '', { ...alert, [field]: UNKNOWN })).to.deep.equal([422, `/${field}`])
  })

  it('begin anew when they are changed, paused or armed, and not when they are to be silent', async () => {
    const { id } = await make({ ...above, repeat: 'rearm' })
    const moveTo = (price: string, version: number) => {
      quotes['BTC-USD'] = [price, version]
    }
    moveTo('41000', 8)
    const snoozedUntil = new Date(now + HOUR_MS).toISOString()
    expect(await change(id, { snoozedUntil })).to.deep.include({ version: 2, snoozedUntil })
    expect(await change(id, { channels: [], note: 'x' })).to.deep.include({ version: 3, channels: [] })
    expect(await stored(id), 'as it was').to.deep.equal([1, '40000', 7, 'armed'])
    expect(await change(id, { threshold: '60000' })).to.deep.include({ version: 4, threshold: '60000' })
    expect(await stored(id)).to.deep.equal([2, '41000', 8, 'armed'])
    moveTo('42000', 9)
    expect((await change(id, { state: 'paused' })).state).to.equal('paused')
    expect((await change(id, { hysteresis: '2' })).state).to.equal('paused')
    moveTo('43000', 11)
    expect((await change(id, { state: 'armed' })).state).to.equal('armed')
    expect(await stored(id)).to.deep.equal([5, '43000', 11, 'armed'])

    await fire(id)
    expect((await change(id, { note: null })).state, 'waits to be armed').to.equal('fired')
    expect((await change(id, { threshold: '90000' })).state, 'has nothing to wait for').to.equal('armed')
    const once = await make(above)
    await fire(once.id)
    expect(await change(once.id, { threshold: '50000' })).to.include({ state: 'fired' })
    expect(await change(once.id, { state: 'armed' })).to.include({ state: 'armed', alreadyTrue: false })
  })

  it('begin anew when they are woken before their time, as after a pause', async () => {
    const snoozedUntil = new Date(now + HOUR_MS).toISOString()
    const [armed, waiting] = [
      await make({ ...above, repeat: 'rearm' }),
      await make({ ...above, repeat: 'rearm' }),
    ]
    await fire(waiting.id)
    for (const { id } of [armed, waiting]) await change(id, { snoozedUntil })
    quotes['BTC-USD'] = ['41000', 8]
    await change(armed.id, { snoozedUntil: new Date(now + 2 * HOUR_MS).toISOString() })
    expect(await stored(armed.id), 'silent still').to.deep.equal([1, '40000', 7, 'armed'])
    for (const { id } of [armed, waiting])
      expect(await change(id, { snoozedUntil: null })).to.deep.include({ snoozedUntil: null })
    expect(await stored(armed.id)).to.deep.equal([2, '41000', 8, 'armed'])
    expect(await stored(waiting.id), 'it has not come back').to.deep.equal([2, '41000', 8, 'fired'])

    const over = await make({ ...above, symbol: 'ETH-USD', threshold: '5000' })
    await change(over.id, { snoozedUntil })
    now += HOUR_MS
    quotes['ETH-USD'] = ['3100', 12]
    await change(over.id, { snoozedUntil: null })
    expect(await stored(over.id), 'awake already').to.deep.equal([1, '3000', 9, 'armed'])
  })

  it('leave a minute between two firings unless they are told otherwise', async () => {
    const intervals: number[] = []
    const again = { ...above, repeat: 'rearm' } as const
    const total = { kind: 'PORTFOLIO', condition: 'newHigh', repeat: 'rearm' } as const
    for (const asked of [above, again, total, { ...again, minIntervalSeconds: 0 }])
      intervals.push((await make(asked)).minIntervalSeconds)
    expect(intervals).to.deep.equal([0, 60, 60, 0])

    const { id } = await make(above)
    expect(await change(id, { repeat: 'rearm' })).to.deep.include({ minIntervalSeconds: 60 })
    expect(await change(id, { minIntervalSeconds: 0 })).to.deep.include({ minIntervalSeconds: 0 })
    expect(await change(id, { repeat: 'rearm', note: 'x' })).to.deep.include({ minIntervalSeconds: 0 })
    expect(await change(id, { repeat: 'once' })).to.deep.include({ minIntervalSeconds: 0 })
    const both = { repeat: 'rearm', minIntervalSeconds: 0 } as const
    expect(await change(id, both)).to.deep.include({ minIntervalSeconds: 0 })
  })

  it('are over when their time is, whether or not that was written down', async () => {
    const expiresAt = new Date(now + HOUR_MS).toISOString()
    const [mine, paused, fired] = [
      await make({ ...above, expiresAt }),
      await make({ ...above, expiresAt }),
      await make({ ...above, expiresAt }),
    ]
    await make(above)
    await change(paused.id, { state: 'paused' })
    await fire(fired.id)
    now += HOUR_MS
    const states = async () => {
      const byId = new Map((await list()).map(({ id, state }) => [id, state]))
      return [mine, paused, fired].map(({ id }) => byId.get(id))
    }
    const counts = () => Promise.all(STATES.map(async (state) => (await list(`?state=${state}`)).length))
    expect([await states(), await counts()]).to.deep.equal([
      ['expired', 'expired', 'fired'],
      [1, 1, 0, 2],
    ])
    expect((await stored(mine.id))[3]).to.equal('armed')
    expect(await db.asSystem((tx) => expireAlerts(tx, now))).to.equal(false)
    expect((await stored(mine.id))[3]).to.equal('expired')
    expect([await states(), await counts()]).to.deep.equal([
      ['expired', 'expired', 'fired'],
      [1, 1, 0, 2],
    ])

    expect(await refused('PATCH', `/${mine.id}`, { state: 'armed' })).to.deep.equal([422, '/expiresAt'])
    expect((await change(mine.id, { threshold: '7' })).state).to.equal('expired')
    expect(await change(mine.id, { state: 'armed', expiresAt: null })).to.include({
      state: 'armed',
      expiresAt: null,
    })
    const longer = new Date(now + HOUR_MS).toISOString()
    expect((await change(paused.id, { expiresAt: longer })).state).to.equal('paused')
  })

  it('are refused with a pointer to what is wrong', async () => {
    const moves = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'moves', percent: '5', windowMinutes: 60 }
    const total = { kind: 'PORTFOLIO', condition: 'above', threshold: '-5' }
    const past = new Date(now).toISOString()
    for (const [body, ...pointers] of [
      [{ ...above, threshold: '0' }, '/threshold'],
      [{ ...above, threshold: undefined }, '/threshold'],
      [{ ...above, threshold: 5 }, '/threshold'],
      [{ ...above, percent: '5' }, '/percent'],
      [{ ...above, symbol: 'bitcoin' }, '/symbol'],
      [{ ...above, symbol: 'USD-USD' }, '/symbol'],
      [{ ...above, symbol: 'NOWHERE.XX' }, '/symbol'],
      [{ ...above, per: 'BTC-USD' }, '/per'],
      [{ ...above, per: 'NOWHERE.XX' }, '/per'],
      [{ ...above, hysteresis: '50.1' }, '/hysteresis'],
      [{ ...above, hysteresis: '0' }, '/hysteresis'],
      [{ ...above, minIntervalSeconds: 2_592_001 }, '/minIntervalSeconds'],
      [{ ...above, expiresAt: past }, '/expiresAt'],
      [{ ...above, expiresAt: 'tomorrow' }, '/expiresAt'],
      [{ ...above, channels: ['email', 'email'] }, '/channels'],
      [{ ...above, condition: 'equals' }, '/condition'],
      [{ ...above, kind: 'WEATHER' }, '/kind'],
      [{ ...moves, percent: '1000.1' }, '/percent'],
      [{ ...moves, windowMinutes: 1441 }, '/windowMinutes'],
      [{ ...moves, windowMinutes: undefined }, '/windowMinutes'],
      [{ kind: 'PORTFOLIO', condition: 'share', percent: '100' }, '/percent'],
      [{ kind: 'GOAL', goalId: UNKNOWN, events: [] }, '/events'],
      [{ kind: 'BUDGET', budgetId: UNKNOWN, percents: [0] }, '/percents/0'],
      [{ kind: 'BUDGET', budgetId: UNKNOWN, percents: [1, 2, 3, 4, 5, 6] }, '/percents'],
      [{ kind: 'BUDGET', budgetId: UNKNOWN, percents: [80, 80] }, '/percents'],
      [{ ...total, currency: 'EUR' }, '/currency'],
    ] as const)
      expect(await refused('POST', '', body), JSON.stringify(body)).to.deep.equal([422, ...pointers])

    const [price, share] = [
      await make(above),
      await make({ kind: 'PORTFOLIO', condition: 'share', percent: '20' }),
    ]
    for (const [id, body, pointer] of [
      [price.id, { percent: '5' }, '/percent'],
      [price.id, { events: ['reached'] }, '/events'],
      [price.id, { threshold: '-1' }, '/threshold'],
      [price.id, { snoozedUntil: past }, '/snoozedUntil'],
      [price.id, { state: 'fired' }, '/state'],
      [price.id, { note: 'x', symbol: 'ETH-USD' }, '/symbol'],
      [price.id, {}, ''],
      [share.id, { percent: '100' }, '/percent'],
      [share.id, { direction: 'up' }, '/direction'],
    ] as const)
      expect(await refused('PATCH', `/${id}`, body), JSON.stringify(body)).to.deep.equal([422, pointer])
    expect((await list()).map(({ version }) => version)).to.deep.equal([1, 1])
    await make(total as NewAlert)
  })

  it('are two hundred at most', async () => {
    await db.asUser(userId, async (tx) => {
      const row = { userId, kind: 'PRICE' as const, symbol: 'BTC-USD', condition: 'above', threshold: '5' }
      await tx.alert.createMany({ data: Array.from({ length: 199 }, () => row) })
    })
    const both = await Promise.all([ask('POST', '', above), ask('POST', '', above)])
    expect(both.map(({ status }) => status).sort()).to.deep.equal([201, 409])
    expect(both.find(({ status }) => status === 409)?.body.code).to.equal('too-many-alerts')
  })

  it('have their instruments heard as long as they may fire', async () => {
    const heard = () => db.asSystem((tx) => priceStore.heldSymbols(tx))
    const before = await heard()
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString()
    now = Date.now()
    const [coin, share] = [
      await make({ ...above, symbol: 'AAVE-USD', per: 'BNB-USD', expiresAt }),
      await make({ ...above, symbol: 'BBCA.JK', repeat: 'rearm' }),
    ]
    await make({ ...above, symbol: 'AAVE-USD' })
    const more = async () => (await heard()).filter((symbol) => !before.includes(symbol))
    expect(await more()).to.deep.equal(['AAVE-USD', 'BBCA.JK', 'BNB-USD'])
    await fire(share.id)
    await fire(coin.id)
    expect(await more()).to.deep.equal(['AAVE-USD', 'BBCA.JK'])
    await change(share.id, { state: 'paused' })
    expect(await more()).to.deep.equal(['AAVE-USD'])
  })
})

const STATES = ['armed', 'fired', 'paused', 'expired'] as const
const above = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '50000' } as const

/** A valuation of holdings that are worth so much, which is not known of some. */
function valuationOf({
  values = ['1000'],
  dayPercent = null,
}: {
  readonly values?: readonly (string | null)[]
  readonly dayPercent?: string | null
}): Valuation {
  const known = values.filter((value) => value !== null)
  const total = known.reduce((sum, value) => sum + Number(value), 0)
  const unpriced = values.flatMap((value, place) =>
    value === null ? [{ assetId: `asset-${place}`, reason: 'no-price' as const }] : [],
  )
  const holding = {
    type: 'REAL',
    name: 'Thing',
    symbol: null,
    quantity: '1',
    price: null,
    rate: null,
  } as const
  const figures = { cost: '0.00', gain: null, dayChange: null }
  return {
    ...{ epoch: 'e', seq: 1, at: new Date(NOW).toISOString(), currency: 'USD', total: total.toFixed(2) },
    ...{ cost: '0.00', gain: '0.00', dayChange: { amount: '0.00', percent: dayPercent } },
    coverage: { holdings: values.length, priced: known.length, stale: 0, unpriced },
    holdings: values.map((value, place) => ({ assetId: `asset-${place}`, ...holding, ...figures, value })),
  }
}
