import { createHmac, createSecretKey, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import jwt from 'jsonwebtoken'
import { createTokens } from '../../src/accounts/tokens.js'
import type { Database } from '../../src/database/database.js'
import { AppError } from '../../src/lib/errors.js'
import type { Session } from '../../src/protocol/resources.js'
import { DATABASE_START_MS, problemOf } from '../http/door.js'
import { openTestDatabase } from '../support/database.js'
import { type House, openHouse } from './house.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('access tokens', () => {
  let db: Database
  let house: House
  let session: Session
  before(async function () {
    this.timeout(DATABASE_START_MS)
    db = await openTestDatabase('embedded')
    house = await openHouse({ db })
    session = await house.register()
  })
  after(async () => {
    await house.close()
    await db.close()
  })

  /** Both doors must say the same; hands back the code. */
  const refusalOf = async (token: string): Promise<string> => {
    const error = await house.service.authenticate(token).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (!(error instanceof AppError)) throw new Error(`not refused: ${token}`)
    const response = await house.ask('GET', '/v1/me', token)
    expect(response.status, token).to.equal(401)
    expect(response.headers.get('www-authenticate')).to.contain('Bearer')
    const { code } = await problemOf(response)
    // A header that does not look like a bearer token at all counts as none.
    if (code !== 'unauthenticated') expect(code, token).to.equal(error.code)
    return error.code
  }
  const claims = () => jwt.decode(session.accessToken) as Record<string, unknown>
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const handMade = (header: object, payload: object, secret: Buffer) => {
    const text = `${encode(header)}.${encode(payload)}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }

  it('say who, which session, what role, and are good at both doors', async () => {
    const actor = await house.service.authenticate(session.accessToken)
    expect(actor).to.include({ userId: session.user.id, role: 'USER' })
    expect(actor.expiresAt).to.equal(Date.parse(session.expiresAt))
    expect(claims()).to.include({ iss: 'harta', aud: 'harta', sub: session.user.id, typ: 'access' })
    expect((await house.ask('GET', '/v1/me', session.accessToken)).status).to.equal(200)
  })

  it('are refused when they are unsigned or signed by another algorithm or key', async () => {
    const { secret } = house
    expect(await refusalOf(`${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims())}.`)).to.equal(
      'token-invalid',
    )
    expect(await refusalOf(jwt.sign(claims(), randomBytes(32)))).to.equal('token-invalid')
    expect(await refusalOf(jwt.sign(claims(), secret, { algorithm: 'HS512' }))).to.equal('token-invalid')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    expect(await refusalOf(jwt.sign(claims(), privateKey, { algorithm: 'ES256' }))).to.equal('token-invalid')
    expect(handMade({ alg: 'HS256', typ: 'JWT' }, claims(), secret)).to.equal(session.accessToken)
    expect(await refusalOf(handMade({ alg: 'none' }, claims(), secret))).to.equal('token-invalid')
  })

  it('are refused when they are for another purpose, issuer, audience, or lack a claim', async () => {
    const bent = (change: object) =>
      refusalOf(handMade({ alg: 'HS256' }, { ...claims(), ...change }, house.secret))
    for (const change of [
      { typ: 'refresh' },
      { iss: 'other' },
      { aud: 'other' },
      { sub: undefined },
      { sub: { not: null } },
      { sid: "' OR 1=1" },
      { role: 'ROOT' },
      { exp: undefined },
      { exp: '9999999999' },
    ]) {
      expect(await bent(change), JSON.stringify(change)).to.equal('token-invalid')
    }
    expect(await bent({ exp: Math.floor(Date.now() / 1000) - 1 })).to.equal('token-expired')
    expect(await bent({ sid: randomUUID() })).to.equal('session-ended')
    expect(await bent({ sub: randomUUID() })).to.equal('session-ended')
  })

  it('take the role from the database, not from the claim', async () => {
    const forged = handMade({ alg: 'HS256' }, { ...claims(), role: 'ADMIN' }, house.secret)
    expect(await house.service.authenticate(forged)).to.include({ role: 'USER' })
  })

  it('have one spelling only', async () => {
    const token = session.accessToken
    // 32 bytes are 43 characters of which the last carries two unused bits: four spellings decode alike.
    const last = ALPHABET.indexOf(token.slice(-1))
    const sibling = token.slice(0, -1) + ALPHABET[last ^ 1]
    expect(Buffer.from(sibling.split('.')[2] ?? '', 'base64url')).to.deep.equal(
      Buffer.from(token.split('.')[2] ?? '', 'base64url'),
    )
    const [header = '', payload = '', signature = ''] = token.split('.')
    const spellings = [
      sibling,
      `${token}=`,
      `${token}.`,
      `.${token}`,
      `${header}.${payload}`,
      `${header}=.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
      'x'.repeat(5000),
    ]
    for (const spelling of spellings) expect(await refusalOf(spelling), spelling).to.equal('token-invalid')
  })

  it('are taken from the Authorization header alone', async () => {
    const token = session.accessToken
    const asked = await Promise.all([
      fetch(`${house.url}/v1/me?token=${token}`),
      fetch(`${house.url}/v1/me`, { headers: { Cookie: `token=${token}` } }),
      fetch(`${house.url}/v1/me`, { headers: { Authorization: token } }),
      fetch(`${house.url}/v1/me`, { headers: { Authorization: `Basic ${token}` } }),
      fetch(`${house.url}/v1/me`, { headers: { Authorization: 'Bearer ' } }),
    ])
    expect(asked.map((response) => response.status)).to.deep.equal([401, 401, 401, 401, 401])
    const lower = await fetch(`${house.url}/v1/me`, { headers: { Authorization: `bearer ${token}` } })
    expect(lower.status).to.equal(200)
  })

  it('never outlive their session', () => {
    const clock = { now: () => 1_000_000_000_000, after: () => () => {}, every: () => () => {} }
    const tokens = createTokens({ secret: createSecretKey(randomBytes(32)), clock })
    const grant = { userId: randomUUID(), sessionId: randomUUID(), role: 'USER' as const }
    const endsSoon = tokens.issue({ ...grant, sessionEndsAt: 1_000_000_060_000 })
    expect(endsSoon.expiresAt).to.equal(1_000_000_060_000)
    const endsLate = tokens.issue({ ...grant, sessionEndsAt: 2_000_000_000_000 })
    expect(endsLate.expiresAt).to.equal(1_000_000_900_000)
    expect(tokens.verify(endsLate.token)).to.deep.equal({ ...grant, expiresAt: endsLate.expiresAt })
  })
})
