import { createSecretKey, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createTokens } from '../../src/accounts/tokens.js'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { systemClock } from '../../src/lib/clock.js'
import { commands, events } from '../../src/protocol/events.js'
import type { Problem } from '../../src/protocol/resources.js'
import { type OpenApi, type Operation, published } from '../support/document.js'
import { announced } from '../support/notifications.js'
import { type Answer, dial, listen, register, send } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'
import { DATABASE_START_MS } from './door.js'
import {
  BESIDE,
  BODIES,
  OPEN,
  OUTSIDE,
  OWNED,
  type Owner,
  ownerOf,
  QUERIES,
  REFERENCES,
  SHARED,
} from './owned.js'

/** Isolation, of every route that the program publishes: nobody learns of, or touches, what is somebody else's. */
const UNKNOWN = '0190a7c0-0000-7000-8000-000000000000'

interface Route {
  readonly method: string
  readonly path: string
  readonly operation: Operation
  /** Its path up to each of its parameters. */
  readonly owned: readonly string[]
}

describe('what belongs to somebody else', function () {
  this.timeout(60_000)
  const jwtSecret = randomBytes(32).toString('hex')
  let exchange: Simulator
  let server: TestServer
  let document: OpenApi
  let routes: readonly Route[]
  let ani: Owner
  let budi: Owner
  /** Everything that Ani can read, before Budi tries. */
  let untouched: Readonly<Record<string, unknown>>
  before(async function () {
    this.timeout(DATABASE_START_MS)
    exchange = await openExchange({ 'BTC-USD': '64000' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url }, jwtSecret })
    document = (await published(server.url)).document
    routes = routesOf(document)
    ani = ownerOf(server, await register(server.url))
    budi = ownerOf(server, await register(server.url))
    for (const what of [...new Set(routes.flatMap(({ owned }) => owned)), ...Object.keys(BESIDE)]) {
      await ani.id(what)
    }
    await until('its price', async () => (await ani.portfolio()).coverage.unpriced.length === 0)
    untouched = await everythingOfAni()
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  const name = ({ method, path }: Route): string => `${method} ${path}`
  const bodyOf = async (owner: Owner, route: Route, field = ''): Promise<object | undefined> => {
    if (!route.operation.requestBody) return undefined
    const body = BODIES[`${name(route)} ${field}`] ?? BODIES[name(route)]
    if (!body) throw new Error(`tests/http/owned.ts has no body for ${name(route)}`)
    return body(owner)
  }
  /** Address of the route with these ids for its parameters, in their order. */
  const addressOf = ({ path }: Route, ids: readonly string[]): string => {
    const left = [...ids]
    const query = QUERIES[path] === undefined ? '' : `?${QUERIES[path]}`
    return (
      path.replace(/\{(\w+)\}/g, (_, param) => (param === 'symbol' ? 'BTC-USD' : (left.shift() ?? ''))) +
      query
    )
  }
  const isPossible = (event: string): boolean => document.paths[OF_ROUTES[event] ?? '/'] !== undefined
  const idsOf = (owner: Owner, route: Route) => Promise.all(route.owned.map((what) => owner.id(what)))
  /** All that is told of it, but what differs with each request. */
  const told = ({ status, body }: Answer<Problem>) => ({
    answered: status,
    ...body,
    requestId: '',
    instance: '',
  })
  const expectNothingOfAni = async (body: unknown, about: string) => {
    const secrets = [ani.mark, ani.userId, ...(await Promise.all(Object.keys(OWNED).map(ani.id)))]
    const text = JSON.stringify(body)
    expect(
      secrets.filter((secret) => text.includes(secret)),
      about,
    ).to.deep.equal([])
  }
  /** Everything that Ani can read. */
  const everythingOfAni = async () => {
    const seen: Record<string, unknown> = {}
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      if (route.path.startsWith('/v1/admin')) continue
      const answer = await ani.ask<unknown>('GET', addressOf(route, await idsOf(ani, route)))
      expect(answer.status, name(route)).to.equal(200)
      seen[name(route)] = withoutTimes(answer.body)
    }
    return seen
  }

  it('is all that the program publishes', () => {
    const prefixes = routes.flatMap(({ owned }) => owned)
    const gone = [
      ...Object.keys(OWNED).filter((what) => !prefixes.includes(what)),
      ...Object.keys(BODIES).filter(
        (what) => !routes.some((route) => name(route) === what.replace(/ \w+$/, '')),
      ),
    ]
    expect(gone).to.deep.equal([])
  })

  it('is out of reach by its id: to every route it is as if it were not there', async () => {
    for (const route of routes.filter(({ owned }) => owned.length > 0)) {
      const body = await bodyOf(budi, route)
      const hers = await idsOf(ani, route)
      const asks = [[hers, hers.map(() => UNKNOWN)]]
      // Behind something of one's own, too.
      if (hers.length > 1) {
        const own = (await idsOf(budi, route)).slice(0, -1)
        asks.push([
          [...own, hers.at(-1) ?? ''],
          [...own, UNKNOWN],
        ])
      }
      for (const [foreign = [], unknown = []] of asks) {
        const refused = await budi.ask(route.method, addressOf(route, foreign), body)
        expect(refused.status, name(route)).to.equal(404)
        expect(told(refused), name(route)).to.deep.equal(
          told(await budi.ask(route.method, addressOf(route, unknown), body)),
        )
      }
    }
  })

  it('cannot be referred to in a body: it is as unknown as what does not exist', async () => {
    let count = 0
    for (const route of routes) {
      for (const [field, isList] of referencesOf(document, route.operation)) {
        const about = `${name(route)} ${field}`
        const what = REFERENCES[about] ?? REFERENCES[field]
        if (what === undefined)
          throw new Error(`tests/http/owned.ts does not say what this refers to: ${about}`)
        const address = addressOf(route, await idsOf(budi, route))
        const body = await bodyOf(budi, route, field)
        const ask = (id: string) => budi.ask(route.method, address, { ...body, [field]: isList ? [id] : id })
        const foreign = await ask(await ani.id(what))
        expect(foreign.status, about).to.be.oneOf([404, 422])
        expect(told(foreign), about).to.deep.equal(told(await ask(UNKNOWN)))
        const own = await ask(await budi.id(what))
        expect(own.status, `${about}: ${JSON.stringify(own.body)}`).to.be.within(200, 299)
        count += 1
      }
    }
    expect(count).to.be.greaterThan(5)
  })

  it('is as it was, after all of that', async () => {
    for (const [what, seen] of Object.entries(await everythingOfAni())) {
      expect(seen, what).to.deep.equal(untouched[what])
    }
  })

  it('cannot be asked for in a query, and stands in no list and no figure', async () => {
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      if (route.path.startsWith('/v1/admin')) continue
      const address = addressOf(route, await idsOf(budi, route))
      const answer = await budi.ask('GET', address)
      expect(answer.status, name(route)).to.equal(200)
      await expectNothingOfAni(answer.body, name(route))
      for (const item of route.operation.parameters ?? []) {
        if (!('in' in item) || item.in !== 'query' || !/Id$/.test(item.name)) continue
        const about = `${name(route)}?${item.name}`
        const what = REFERENCES[about] ?? REFERENCES[item.name]
        if (what === undefined)
          throw new Error(`tests/http/owned.ts does not say what this refers to: ${about}`)
        const ask = (id: string) =>
          budi.ask('GET', `${address}${address.includes('?') ? '&' : '?'}${item.name}=${id}`)
        const foreign = await ask(await ani.id(what))
        await expectNothingOfAni({ ...foreign.body, instance: '' }, about)
        expect(withoutTimes(told(foreign)), about).to.deep.equal(withoutTimes(told(await ask(UNKNOWN))))
      }
    }
  })

  it('is for those who are signed in, as everything but a few addresses is', async () => {
    const open = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([, { security }]) => security?.length === 0)
        .map(([method]) => `${method.toUpperCase()} ${path}`),
    )
    expect(open.sort()).to.deep.equal(OPEN)
    const past = { ...systemClock, now: () => Date.now() - 3_600_000 }
    const tokens = createTokens({ secret: createSecretKey(Buffer.from(jwtSecret)), clock: past })
    const grant = { userId: ani.userId, sessionId: UNKNOWN, role: 'USER', sessionEndsAt: Date.now() } as const
    const cases = [
      [{}, 'unauthenticated'],
      [{ Authorization: `Bearer ${tokens.issue(grant).token}` }, 'token-expired'],
      [{ Authorization: 'Bearer a.b.c' }, 'token-invalid'],
    ] as const
    for (const route of routes) {
      const address = addressOf(
        route,
        route.owned.map(() => UNKNOWN),
      )
      const body = route.operation.requestBody && {}
      for (const [headers, code] of cases) {
        const { status, body: problem } = await send(server.url, route.method, address, body, headers)
        expect([status, problem.code], `${name(route)} ${code}`).to.deep.equal([401, code])
      }
    }
  })

  it('is no business of somebody who is no administrator', async () => {
    const admin = routes.filter(({ path }) => path.startsWith('/v1/admin'))
    for (const route of admin) {
      const { status } = await budi.ask(
        route.method,
        addressOf(
          route,
          route.owned.map(() => UNKNOWN),
        ),
      )
      expect(status, name(route)).to.equal(403)
    }
    expect(admin.length).to.be.greaterThan(0)
  })

  it('is told to no socket of his, whatever that one asks for', async () => {
    for (const kind of OWN_KINDS) await announced(server.db, ani.userId, { kind, title: ani.mark })
    const hers = await listen(server.url, ani.token)
    const auth = { token: budi.token, userId: ani.userId, room: `user:${ani.userId}`, rooms: [ani.userId] }
    const his = dial(server.url, auth)
    await until('his first snapshot', () => his.snapshots.length > 0)
    for (const word of ['join', 'subscribe', 'room', events.snapshot, events.update]) {
      for (const room of [ani.userId, `user:${ani.userId}`, { userId: ani.userId }]) {
        ;(his.socket as unknown as { emit(word: string, room: unknown): void }).emit(word, room)
      }
    }
    const { epoch, seq } = hers.state()
    const resumed = await his.command(commands.resume, { epoch, seq })
    await expectNothingOfAni(resumed, commands.resume)
    for (const symbol of [ani.userId.slice(-12), `user:${ani.userId.slice(-12)}`, 'BTC-USD']) {
      await expectNothingOfAni(await his.command(commands.watch, { symbols: [symbol] }), commands.watch)
    }

    // Everything of which a socket can be told happens to Ani.
    await ani.own({ type: 'CASH', name: ani.mark, quantity: '1' })
    await until('her snapshot', () => JSON.stringify(hers.snapshots).includes(ani.mark))
    exchange.set('BTC-USD', '64123.5')
    await until('her update', () => hers.updates.length > 0)
    await until('the price that he watches', () => his.prices.some(([price]) => price?.amount === '64123.5'))
    const file = { format: 'csv', content: 'date,amount\n2024-03-01,5\n' }
    await ani.ask('POST', `/v1/imports/${await ani.make('/v1/imports', file)}/confirm`)
    await ani.ask('POST', '/v1/notifications/seen', { all: true })
    await until('how far it is', () => hers.heard.some(({ event }) => event === events.importProgress))
    await until('what is seen', () => hers.heard.some(({ event }) => event === events.seen))
    const happened = new Set([...hers.heard, ...his.heard].map(({ event }) => event))
    expect([...happened].sort()).to.deep.equal(
      Object.values(events)
        .filter((event) => !OF_THE_SOCKET_ITSELF.includes(event) && isPossible(event))
        .sort(),
    )
    for (const { event, data } of his.heard) await expectNothingOfAni(data, event)
    for (const line of [hers, his]) line.close()
  })

  it('is the owner’s own to change and to remove', async () => {
    const writing = routes.filter(({ owned, method }) => owned.length > 0 && method !== 'GET')
    const removing = writing.filter(({ method }) => method === 'DELETE')
    // What goes with something else is removed before it.
    const order = [...writing.filter((route) => !removing.includes(route)), ...removing.reverse()]
    for (const route of order) {
      const address = addressOf(route, await idsOf(ani, route))
      const { status, body } = await ani.ask(route.method, address, await bodyOf(ani, route))
      expect(status, `${name(route)}: ${JSON.stringify(body)}`).to.be.within(200, 299)
    }
  })
})

/** Kinds of notifications that are told by an event of their own, too. */
const OWN_KINDS = [events.alertFired, events.goalMilestone, events.goalReached] as const
/** Events that tell a socket of itself alone. */
const OF_THE_SOCKET_ITSELF: readonly string[] = [events.expiring, events.draining]
/** Events that follow from a route, by its path: without it they cannot happen. */
const OF_ROUTES: Readonly<Record<string, string>> = { 'import:progress': '/v1/imports/{id}' }

/** Routes for which one has to be signed in. */
function routesOf(document: OpenApi): readonly Route[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, { security }]) => security?.length !== 0)
      .map(([method, operation]) => ({
        method: method.toUpperCase(),
        path,
        operation,
        owned: ownedIn(path),
      })),
  )
}

function ownedIn(path: string): readonly string[] {
  const upTo = [...path.matchAll(/\{\w+\}/g)].map((found) => path.slice(0, found.index + found[0].length))
  return upTo.filter((prefix) => !SHARED.includes(prefix))
}

/** Fields of the body that refer to something by its id, and whether they are lists. */
function referencesOf(
  document: OpenApi,
  { requestBody }: Operation,
): readonly (readonly [string, boolean])[] {
  const schema = requestBody?.content['application/json']?.schema
  const found = new Map<string, boolean>()
  const look = (value: unknown, at: string): void => {
    if (typeof value !== 'object' || value === null) return
    const { $ref, properties = {}, items, anyOf = [], allOf = [], oneOf = [] } = value as Partial<Shape>
    if ($ref !== undefined) look(document.components.schemas?.[$ref.split('/').at(-1) ?? ''], at)
    if (/Ids?$/.test(at) && !OUTSIDE.includes(at))
      found.set(at, (found.get(at) ?? false) || items !== undefined)
    for (const [key, inner] of Object.entries(properties)) look(inner, key)
    for (const inner of [...anyOf, ...allOf, ...oneOf]) look(inner, at)
  }
  look(schema, '')
  return [...found]
}

interface Shape {
  readonly $ref: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly items: unknown
  readonly anyOf: readonly unknown[]
  readonly allOf: readonly unknown[]
  readonly oneOf: readonly unknown[]
}

const TIMES = ['at', 'epoch', 'seq', 'exportedAt']

/** Without what is new with each answer although nothing has changed. */
function withoutTimes(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner: unknown) => (TIMES.includes(key) ? null : inner))
}
