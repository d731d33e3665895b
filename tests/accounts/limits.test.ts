import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { DATABASE_START_MS, problemOf } from '../http/door.js'
import { openTestDatabase } from '../support/database.js'
import { freshEmail, type House, openHouse, PASSWORD, sessionOf } from './house.js'

describe('limits of sign-up, sign-in and refresh', () => {
  let db: Database
  let house: House
  before(async function () {
    this.timeout(DATABASE_START_MS)
    db = await openTestDatabase('embedded')
  })
  after(() => db.close())
  afterEach(() => house.close())

  const from = (address: string) => ({ 'X-Forwarded-For': address })
  const tryPassword = (email: string, password: string, address: string) =>
    house.ask('POST', '/v1/auth/login', undefined, { email, password }, from(address))

  it('stop guessing at one account, from however many addresses', async () => {
    house = await openHouse({
      db,
      trustedProxies: 1,
      limits: { 'sign-in-account': { points: 3, seconds: 60 } },
    })
    const { user } = await house.register()
    for (let guess = 1; guess <= 3; guess += 1) {
      expect((await tryPassword(user.email, 'a wrong password', `198.51.100.${guess}`)).status).to.equal(401)
    }
    const refused = await tryPassword(user.email, PASSWORD, '198.51.100.9')
    expect(refused.status).to.equal(429)
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60)
    expect((await problemOf(refused)).code).to.equal('rate-limited')
  })

  it('treat an address that nobody has registered in the same way', async () => {
    house = await openHouse({ db, limits: { 'sign-in-account': { points: 2, seconds: 60 } } })
    const email = freshEmail()
    const statuses: number[] = []
    for (let guess = 0; guess < 3; guess += 1) statuses.push((await tryPassword(email, PASSWORD, '')).status)
    expect(statuses).to.deep.equal([401, 401, 429])
  })

  it('stop guessing through many accounts from one address, and leave others in', async () => {
    house = await openHouse({
      db,
      trustedProxies: 1,
      limits: { 'sign-in-address': { points: 3, seconds: 60 } },
    })
    const { user } = await house.register()
    for (let guess = 0; guess < 3; guess += 1) {
      // What stands left of the entry that our proxy adds is the client's invention.
      const response = await tryPassword(freshEmail(), PASSWORD, `203.0.113.${guess}, 198.51.100.7`)
      expect(response.status).to.equal(401)
    }
    expect((await tryPassword(user.email, PASSWORD, '203.0.113.99, 198.51.100.7')).status).to.equal(429)
    expect((await tryPassword(user.email, PASSWORD, '198.51.100.8')).status).to.equal(200)
  })

  it('count no sign-in that succeeds', async () => {
    const one = { points: 1, seconds: 60 }
    house = await openHouse({ db, limits: { 'sign-in-address': one, 'sign-in-account': one } })
    const { user } = await house.register()
    for (let round = 0; round < 4; round += 1) {
      expect((await tryPassword(user.email, PASSWORD, '')).status).to.equal(200)
    }
  })

  it('ignore X-Forwarded-For when no proxy is trusted', async () => {
    house = await openHouse({ db, limits: { 'register-address': { points: 1, seconds: 60 } } })
    const register = (address: string) =>
      house.ask(
        'POST',
        '/v1/auth/register',
        undefined,
        { email: freshEmail(), password: PASSWORD },
        from(address),
      )
    expect((await register('198.51.100.1')).status).to.equal(201)
    expect((await register('198.51.100.2')).status).to.equal(429)
  })

  it('hold back refreshes of one account without using up the token', async () => {
    house = await openHouse({ db, limits: { 'refresh-account': { points: 1, seconds: 60 } } })
    const session = await house.register()
    const next = await sessionOf(await house.post('/v1/auth/refresh', { refreshToken: session.refreshToken }))
    const refused = await house.post('/v1/auth/refresh', { refreshToken: next.refreshToken })
    expect(refused.status).to.equal(429)
    expect((await house.ask('GET', '/v1/me', next.accessToken)).status).to.equal(200)
  })

  it('count guesses at the password of somebody who is signed in', async () => {
    house = await openHouse({ db, limits: { 'sign-in-account': { points: 2, seconds: 60 } } })
    const { accessToken } = await house.register()
    const remove = () => house.ask('DELETE', '/v1/me', accessToken, { password: 'a wrong password' })
    expect([(await remove()).status, (await remove()).status, (await remove()).status]).to.deep.equal([
      403, 403, 429,
    ])
  })

  it('are there for everything that a user asks', async () => {
    house = await openHouse({ db, limits: { 'all-user': { points: 2, seconds: 60 } } })
    const [one, other] = [await house.register(), await house.register()]
    const ask = async (token: string) => (await house.ask('GET', '/v1/me', token)).status
    expect([
      await ask(one.accessToken),
      await ask(one.accessToken),
      await ask(one.accessToken),
    ]).to.deep.equal([200, 200, 429])
    expect(await ask(other.accessToken)).to.equal(200)
  })
})
