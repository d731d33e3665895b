import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { DATABASE_START_MS, problemOf } from '../http/door.js'
import { openTestDatabase } from '../support/database.js'
import { freshEmail, type House, openHouse, PASSWORD } from './house.js'

describe('sign-in under watch and under load', () => {
  let db: Database
  let house: House
  before(async function () {
    this.timeout(DATABASE_START_MS)
    db = await openTestDatabase('embedded')
    const plenty = { points: 1000, seconds: 60 }
    house = await openHouse({
      db,
      bcryptCost: 10,
      limits: { 'sign-in-account': plenty, 'sign-in-address': plenty, 'register-address': plenty },
    })
  })
  after(async () => {
    await house.close()
    await db.close()
  })

  /** How long it takes in processor time, of which what else the machine does takes nothing. */
  const timed = async (path: string, email: string) => {
    const before = process.cpuUsage()
    const response = await house.post(path, { email, password: 'a wrong password' })
    await response.arrayBuffer()
    return { ms: process.cpuUsage(before).user / 1_000, status: response.status }
  }
  const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0

  it('takes as long for an address that nobody has registered as for a wrong password', async () => {
    const { user } = await house.register()
    const [known, unknown]: [number[], number[]] = [[], []]
    for (let round = 0; round < 5; round += 1) {
      known.push((await timed('/v1/auth/login', user.email)).ms)
      unknown.push((await timed('/v1/auth/login', freshEmail())).ms)
    }
    expect(median(unknown) / median(known)).to.be.within(0.5, 2)
    // Far more than a look-up takes: a hash was worked on in both cases.
    expect(median(unknown)).to.be.greaterThan(10)
  })

  it('refuses a taken address no sooner than it takes to work on a password', async () => {
    const { user } = await house.register()
    const [taken, signIn]: [number[], number[]] = [[], []]
    for (let round = 0; round < 5; round += 1) {
      const refused = await timed('/v1/auth/register', user.email)
      expect(refused.status).to.equal(409)
      taken.push(refused.ms)
      signIn.push((await timed('/v1/auth/login', freshEmail())).ms)
    }
    expect(median(taken) / median(signIn)).to.be.greaterThan(0.5)
  })

  it('sends a storm away with 503 and Retry-After, and goes on answering others meanwhile', async function () {
    this.timeout(60_000)
    const { accessToken } = await house.register()
    const storm = Array.from({ length: 120 }, () =>
      house.post('/v1/auth/login', { email: freshEmail(), password: PASSWORD }),
    )
    const startedAt = performance.now()
    expect((await house.ask('GET', '/v1/me', accessToken)).status).to.equal(200)
    const meanwhileMs = performance.now() - startedAt
    const answers = await Promise.all(storm)
    const stormMs = performance.now() - startedAt
    const refused = answers.filter((answer) => answer.status === 503)
    expect(answers.filter((answer) => answer.status === 401).length).to.equal(120 - refused.length)
    expect(refused.length).to.be.greaterThan(5)
    expect(meanwhileMs).to.be.lessThan(stormMs)
    for (const answer of refused) {
      expect(Number(answer.headers.get('retry-after'))).to.be.greaterThan(0)
      expect((await problemOf(answer)).code).to.equal('busy')
    }
  })
})
