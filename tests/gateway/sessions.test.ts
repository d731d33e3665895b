import { createSecretKey, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createTokens } from '../../src/accounts/tokens.js'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { systemClock } from '../../src/lib/clock.js'
import { commands, events } from '../../src/protocol/events.js'
import type { Price, Session, Valuation } from '../../src/protocol/resources.js'
import { dial, listen, PASSWORD, type Person, personOf, register, send } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe('sockets of a whole server', function () {
  this.timeout(60_000)
  const jwtSecret = randomBytes(32).toString('hex')
  let exchange: Simulator
  let server: TestServer
  let ani: Person
  let budi: Person
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '64000', 'ETH-USD': '3300' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url }, jwtSecret })
  })
  beforeEach(async () => {
    ani = await register(server.url)
    budi = await register(server.url)
    for (const person of [ani, budi]) {
      await person.own({
        type: 'CRYPTO',
        symbol: 'BTC-USD',
        quantity: person === ani ? '1' : '3',
        unitCost: '1',
      })
    }
    await until('there is a price', async () => (await budi.portfolio()).coverage.priced === 1)
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })

  it('are closed to tokens that are forged, expired or of an ended session', async () => {
    const claims = {
      userId: ani.userId,
      sessionId: budi.userId,
      role: 'USER',
      sessionEndsAt: Date.now() + 9e6,
    } as const
    const key = createSecretKey(Buffer.from(jwtSecret))
    const past = { ...systemClock, now: () => Date.now() - 3_600_000 }
    const [head, body, signature] = ani.token.split('.')
    const tokens: readonly [string, string][] = [
      [
        createTokens({ secret: createSecretKey(randomBytes(32)), clock: systemClock }).issue(claims).token,
        'unauthenticated',
      ],
      [createTokens({ secret: key, clock: past }).issue(claims).token, 'token-expired'],
      [createTokens({ secret: key, clock: systemClock }).issue(claims).token, 'unauthenticated'],
      [`${head}.${body}.${signature?.slice(0, -2)}`, 'unauthenticated'],
      [`${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`, 'unauthenticated'],
    ]
    for (const [token, code] of tokens) {
      const line = dial(server.url, { token })
      await until('a refusal', () => line.refusal() !== null)
      expect(line.refusal()).to.include({ code, retryable: false })
      line.close()
    }
  })

  it('tell the same as REST for the same seq, over websocket and polling', async () => {
    const polling = dial(server.url, { token: ani.token }, { transports: ['polling'] })
    const line = await listen(server.url, ani.token)
    await until('polling has its snapshot', () => polling.snapshots.length > 0)
    for (const price of ['64001.5', '63999.25', '70000']) {
      exchange.set('BTC-USD', price)
      await until('the update', () => Number(line.state().total) === Number(price))
      expect(await ani.portfolio()).to.deep.equal(line.state())
    }
    await until('polling has come as far', () => polling.state().seq === line.state().seq)
    expect(polling.state()).to.deep.equal(line.state())
    for (const one of [line, polling]) one.close()
  })

  it('get a new snapshot for what is changed over REST, before the change is answered for the next time', async () => {
    const line = await listen(server.url, ani.token)
    const asset = await ani.own({ type: 'CASH', quantity: '1000' })
    expect((await ani.portfolio()).holdings).to.have.lengthOf(2)
    await until('the snapshot', () => line.state().holdings.length === 2)
    expect(await ani.portfolio()).to.deep.equal(line.state())
    await ani.ask('PATCH', `/v1/assets/${asset.id}`, { name: '"Purse"\u2028</script>' })
    await until('the name', () => line.state().holdings.some(({ name }) => name === '"Purse"\u2028</script>'))
    await ani.ask('PATCH', '/v1/me', { baseCurrency: 'EUR' })
    expect((await ani.portfolio()).currency).to.equal('EUR')
    await until('the currency', () => line.state().currency === 'EUR')
    line.close()
  })

  it('end at logout, at a change of the password and with the account', async () => {
    const other = await listen(server.url, budi.token)
    const first = await listen(server.url, ani.token)
    await ani.ask('POST', '/v1/auth/logout')
    await until('logout', () => !first.socket.connected)
    const again = dial(server.url, { token: ani.token })
    await until('a refusal', () => again.refusal() !== null)
    expect(again.refusal()?.code).to.equal('unauthenticated')
    again.close()

    const login = { email: ani.session.user.email, password: PASSWORD }
    const signIn = async () => (await send<Session>(server.url, 'POST', '/v1/auth/login', login)).body
    const [phone, laptop] = [personOf(server.url, await signIn()), personOf(server.url, await signIn())]
    const lines = [await listen(server.url, phone.token), await listen(server.url, laptop.token)]
    await phone.ask('PUT', '/v1/me/password', { currentPassword: PASSWORD, newPassword: `${PASSWORD} 2` })
    await until('both of them', () => lines.every(({ socket }) => !socket.connected))

    login.password = `${PASSWORD} 2`
    const last = personOf(server.url, await signIn())
    const line = await listen(server.url, last.token)
    expect((await last.ask('DELETE', '/v1/me', { password: login.password })).status).to.equal(204)
    await until('the account', () => !line.socket.connected)
    expect(other.socket.connected).to.equal(true)
    other.close()
  })

  it('are renewed by a fresh token of the same user', async () => {
    const line = await listen(server.url, ani.token)
    const { refreshToken } = ani.session
    const { body } = await send<Session>(server.url, 'POST', '/v1/auth/refresh', { refreshToken })
    const renewed = await line.command<{ expiresAt: string }>(commands.renew, { token: body.accessToken })
    expect(renewed).to.deep.equal({ ok: true, data: { expiresAt: body.expiresAt } })
    expect((await line.command(commands.renew, { token: budi.token })).problem?.code).to.equal('other-user')
    line.close()
  })

  it('never carry a word of another user, although both hold the same', async () => {
    const [hers, his] = [await listen(server.url, ani.token), await listen(server.url, budi.token)]
    const stranger = await register(server.url)
    const strangers = await listen(server.url, stranger.token)
    await strangers.command<Price[]>(commands.watch, { symbols: ['BTC-USD'] })
    for (const price of ['65000', '65001', '65002']) {
      exchange.set('BTC-USD', price)
      await until(
        'all have it',
        () =>
          Number(hers.state().total) === Number(price) &&
          Number(his.state().total) === 3 * Number(price) &&
          strangers.prices.at(-1)?.[0]?.amount === price,
      )
      await ani.own({ type: 'CASH', name: `secret of ${ani.userId}` })
    }
    await until('she has her snapshots', () => hers.state().holdings.length === 4)
    const own = new Set((await budi.portfolio()).holdings.map(({ assetId }) => assetId))
    for (const { event, data } of his.heard) {
      expect(event).to.be.oneOf([events.snapshot, events.update])
      const { holdings = [], changed = [] } = data as Valuation & { changed?: Valuation['holdings'] }
      for (const { assetId } of [...holdings, ...changed]) expect(own.has(assetId)).to.equal(true)
      expect(JSON.stringify(data)).not.to.contain('secret')
    }
    expect(his.updates.length).to.be.at.least(3)
    expect(strangers.snapshots.every(({ holdings }) => holdings.length === 0)).to.equal(true)
    expect(strangers.updates).to.deep.equal([])
    for (const line of [hers, his, strangers]) line.close()
  })
})
