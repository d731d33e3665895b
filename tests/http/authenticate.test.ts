import { createHmac, createSecretKey, randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import jwt from 'jsonwebtoken'
import { authenticate, isCanonicalToken, requireRole } from '../../src/http/authenticate.js'
import { doorState } from '../../src/http/context.js'
import { createLimits } from '../../src/http/limits.js'
import { AppError } from '../../src/lib/errors.js'
import type { Role } from '../../src/protocol/resources.js'
import { type Door, openDoor, problemOf } from './door.js'

const secret = createSecretKey(randomBytes(32))
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const NOW = Date.UTC(2030, 0, 1)

function tokenOf(role: Role, lifeSeconds = 60): string {
  const iat = NOW / 1000
  const claims = { typ: 'access', sid: randomUUID(), sub: randomUUID(), role, iat, exp: iat + lifeSeconds }
  return jwt.sign({ ...claims, iss: 'harta', aud: 'harta' }, secret)
}

describe('the check of access tokens', () => {
  let door: Door
  let shift = 0
  let ended = false
  before(async () => {
    const signedIn = authenticate({
      secret,
      clock: { now: () => NOW + shift, after: () => () => {}, every: () => () => {} },
      limits: createLimits({ redis: null }),
      live: async (claims) => {
        if (ended) throw new AppError('unauthenticated', 'session-ended', 'This session has ended.')
        return claims
      },
    })
    door = await openDoor((router) => {
      router.get('/me', signedIn, (ctx) => {
        ctx.body = doorState(ctx).actor
      })
      router.get('/admin', signedIn, requireRole('ADMIN'), (ctx) => {
        ctx.body = {}
      })
      router.get('/breaks', signedIn, () => {
        throw new AppError('conflict', 'behind-the-check', 'This is not about tokens.')
      })
    })
  })
  beforeEach(() => {
    shift = 0
    ended = false
  })
  after(() => door.close())

  const ask = (path: string, token: string) =>
    fetch(door.url + path, { headers: { Authorization: `Bearer ${token}` } })
  const codeOf = async (response: Response) => (await problemOf(response)).code

  it('goes by the clock that it is given', async () => {
    const token = tokenOf('USER')
    const response = await ask('/me', token)
    expect(await response.json()).to.include({ role: 'USER', expiresAt: NOW + 60_000 })
    shift = 61_000
    const late = await ask('/me', token)
    expect(late.headers.get('www-authenticate')).to.contain('invalid_token')
    expect(await codeOf(late)).to.equal('token-expired')
  })

  it('refuses a good token whose session has ended', async () => {
    ended = true
    expect(await codeOf(await ask('/me', tokenOf('USER')))).to.equal('session-ended')
  })

  it('keeps others out of what is for administrators', async () => {
    expect((await ask('/admin', tokenOf('ADMIN'))).status).to.equal(200)
    const refused = await ask('/admin', tokenOf('USER'))
    expect(refused.status).to.equal(403)
    expect(await codeOf(refused)).to.equal('forbidden')
  })

  it('leaves errors from behind it as they are', async () => {
    expect(await codeOf(await ask('/breaks', tokenOf('USER')))).to.equal('behind-the-check')
  })

  it('refuses another spelling even where that one is signed', async () => {
    const [header = '', payload = ''] = tokenOf('USER').split('.')
    // Of four characters' worth of bits the last part may use fewer: the unused ones are set here.
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
    const spell = (pad: string) => Buffer.from(JSON.stringify({ ...claims, pad })).toString('base64url')
    const plain = ['', '.', '..'].map(spell).find((text) => text.length % 4 === 2) ?? ''
    const stray = plain.slice(0, -1) + ALPHABET[ALPHABET.indexOf(plain.slice(-1)) ^ 1]
    expect(Buffer.from(stray, 'base64url')).to.deep.equal(Buffer.from(plain, 'base64url'))
    const sign = (text: string) => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
    expect((await ask('/me', sign(`${header}.${plain}`))).status).to.equal(200)
    expect(await codeOf(await ask('/me', sign(`${header}.${stray}`)))).to.equal('token-invalid')
  })

  it('knows one spelling of a token from all others', () => {
    const token = tokenOf('USER')
    expect(isCanonicalToken(token)).to.equal(true)
    const stray = token.slice(0, -1) + ALPHABET[ALPHABET.indexOf(token.slice(-1)) ^ 1]
    const padded = token.replace('.', '=.')
    for (const other of [
      stray,
      padded,
      `${token}=`,
      `${token} `,
      `${token}.`,
      token.replace('.', '\n.'),
      '',
      '..',
      'a.b',
    ]) {
      expect(isCanonicalToken(other), other).to.equal(false)
    }
  })
})
