import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import type { User } from '../../src/protocol/resources.js'
import { DATABASE_START_MS, problemOf } from '../http/door.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'
import { freshEmail, type House, openHouse, PASSWORD, sessionOf } from './house.js'

for (const kind of databaseKinds()) {
  describe(`accounts over HTTP, on a database that is ${kind}`, () => {
    let db: Database
    let house: House
    before(async function () {
      this.timeout(DATABASE_START_MS)
      db = await openTestDatabase(kind)
      house = await openHouse({ db })
    })
    after(async () => {
      await house.close()
      await db.close()
    })

    describe('sign-up and sign-in', () => {
      it('registers with defaults and signs in, whatever the case of the address', async () => {
        const email = freshEmail()
        const response = await house.post('/v1/auth/register', {
          email: ` ${email.toUpperCase()} `,
          password: PASSWORD,
        })
        expect(response.status).to.equal(201)
        const session = await sessionOf(response)
        expect(session).to.have.all.keys('user', 'accessToken', 'expiresAt', 'refreshToken')
        expect(session.user).to.deep.include({
          email,
          name: null,
          role: 'USER',
          baseCurrency: 'USD',
          timeZone: 'UTC',
          locale: 'en',
          monthStartDay: 1,
        })
        expect(session.user).not.to.have.property('passwordHash')
        expect(session.refreshToken).to.match(/^[A-Za-z0-9_-]{43}$/)
        const minutes = (Date.parse(session.expiresAt) - Date.now()) / 60_000
        expect(minutes).to.be.within(14, 15.1)
        const again = await sessionOf(await house.post('/v1/auth/login', { email, password: PASSWORD }))
        expect(again.user).to.deep.equal(session.user)
        expect(again.accessToken).not.to.equal(session.accessToken)
      })

      it('takes a profile at registration', async () => {
        const profile = { name: 'Siti', baseCurrency: 'IDR', timeZone: 'Asia/Jakarta', locale: 'id-ID' }
        const response = await house.post('/v1/auth/register', {
          email: freshEmail(),
          password: PASSWORD,
          ...profile,
        })
        expect((await sessionOf(response)).user).to.deep.include(profile)
      })

      it('refuses an address that is taken, also when both come at once', async () => {
        const email = freshEmail()
        const both = await Promise.all(
          [1, 2].map(() => house.post('/v1/auth/register', { email, password: PASSWORD })),
        )
        expect(both.map((response) => response.status).sort()).to.deep.equal([201, 409])
        const later = await house.post('/v1/auth/register', {
          email: email.toUpperCase(),
          password: PASSWORD,
        })
        expect(later.status).to.equal(409)
        expect((await problemOf(later)).code).to.equal('email-taken')
      })

      it('gives the account again to whoever repeats a registration with its key', async () => {
        const body = { email: freshEmail(), password: PASSWORD, name: 'Siti' }
        const post = (more: object, key: string) =>
          house.ask('POST', '/v1/auth/register', undefined, { ...body, ...more }, { 'Idempotency-Key': key })
        const first = await sessionOf(await post({}, 'k-1'))
        const repeated = await post({}, 'k-1')
        expect([repeated.status, repeated.headers.get('idempotency-replayed')]).to.deep.equal([201, 'true'])
        const second = await sessionOf(repeated)
        expect(second.user).to.deep.equal(first.user)
        expect(second.refreshToken).not.to.equal(first.refreshToken)
        expect((await house.ask('GET', '/v1/me', second.accessToken)).status).to.equal(200)
        const others = [
          await post({}, 'k-2'),
          await post({ password: 'another password' }, 'k-1'),
          await post({ name: 'Sita' }, 'k-1'),
          await house.post('/v1/auth/register', body),
        ]
        expect(others.map(({ status }) => status)).to.deep.equal([409, 409, 409, 409])
        expect((await post({}, 'not a key')).status).to.equal(422)
        house.pass(61_000)
        expect((await post({}, 'k-1')).status).to.equal(409)
      })

      it('answers a wrong password and an unknown address alike', async () => {
        const { user } = await house.register()
        const wrong = await house.post('/v1/auth/login', { email: user.email, password: 'not the password' })
        const unknown = await house.post('/v1/auth/login', {
          email: freshEmail(),
          password: 'not the password',
        })
        expect([wrong.status, unknown.status]).to.deep.equal([401, 401])
        const [a, b] = [await problemOf(wrong), await problemOf(unknown)]
        expect({ ...a, requestId: '' }).to.deep.equal({ ...b, requestId: '' })
        expect(a.code).to.equal('credentials-wrong')
      })

      it('counts a password in bytes at its upper and in characters at its lower end', async () => {
        const register = (password: string) =>
          house.post('/v1/auth/register', { email: freshEmail(), password })
        expect((await register('é'.repeat(36))).status).to.equal(201)
        const long = await register('é'.repeat(37))
        expect(long.status).to.equal(422)
        const { errors } = await problemOf(long)
        expect(errors?.[0]?.pointer).to.equal('/password')
        expect(errors?.[0]?.detail).to.contain('72 bytes')
        expect((await register('🔑'.repeat(7))).status).to.equal(422)
        expect((await register('🔑'.repeat(8))).status).to.equal(201)
        expect((await register('secret\0secret')).status).to.equal(422)
      })

      it('does not take a longer password for the 72 bytes that it begins with', async () => {
        const { user } = await house.register('a'.repeat(72))
        const response = await house.post('/v1/auth/login', { email: user.email, password: 'a'.repeat(73) })
        expect(response.status).to.equal(422)
      })

      it('refuses hostile input with a client error', async () => {
        const email = freshEmail()
        const bodies: unknown[] = [
          { email, password: PASSWORD, role: 'ADMIN' },
          { email, password: PASSWORD, id: 'b6b8a9ae-6c0c-4f1e-9d3a-111111111111' },
          { email: { contains: '@' }, password: PASSWORD },
          { email, password: 12345678 },
          { email, password: ['a'] },
          `{"email": "${email}", "password": 1e400}`,
          `{"email": "${email}\\u0000", "password": "${PASSWORD}"}`,
          `{"email": "${email}", "password": "${PASSWORD}", "__proto__": {"role": "ADMIN"}}`,
          { email: 'nobody', password: PASSWORD },
          { email: `${'a'.repeat(300)}@example.org`, password: PASSWORD },
          { email, password: PASSWORD, baseCurrency: 'GBX' },
          { email, password: PASSWORD, baseCurrency: 'constructor' },
          { email, password: PASSWORD, timeZone: 'Nowhere' },
          { email, password: PASSWORD, name: '  ' },
          [],
          'null',
          '{',
        ]
        for (const body of bodies) {
          for (const path of ['/v1/auth/register', '/v1/auth/login', '/v1/auth/refresh']) {
            const response = await house.post(path, body)
            expect(response.status, `${path} ${JSON.stringify(body)}`).to.be.oneOf([400, 401, 422])
            await problemOf(response)
          }
        }
        expect((await house.post('/v1/auth/login', { email, password: PASSWORD })).status).to.equal(401)
      })

      it('refuses a disabled user at the door, and says so only to who knows the password', async () => {
        const { user, accessToken, refreshToken } = await house.register()
        await db.asSystem((tx) =>
          tx.user.update({ where: { id: user.id }, data: { disabledAt: new Date() } }),
        )
        expect((await house.ask('GET', '/v1/me', accessToken)).status).to.equal(401)
        expect((await house.post('/v1/auth/refresh', { refreshToken })).status).to.equal(401)
        const right = await house.post('/v1/auth/login', { email: user.email, password: PASSWORD })
        expect((await problemOf(right)).code).to.equal('account-disabled')
        const wrong = await house.post('/v1/auth/login', { email: user.email, password: 'not the password' })
        expect((await problemOf(wrong)).code).to.equal('credentials-wrong')
      })

      it('makes the hash anew at the next sign-in when the cost has risen', async () => {
        const { user } = await house.register()
        const dearer = await openHouse({ db, bcryptCost: 5 })
        try {
          const signIn = () => dearer.post('/v1/auth/login', { email: user.email, password: PASSWORD })
          expect((await signIn()).status).to.equal(200)
          const row = await db.asSystem((tx) => tx.user.findUniqueOrThrow({ where: { id: user.id } }))
          expect(row.passwordHash).to.match(/^\$2b\$05\$/)
          expect((await signIn()).status).to.equal(200)
        } finally {
          await dearer.close()
        }
      })
    })

    describe('the profile', () => {
      const me = async (token: string) => {
        const response = await house.ask('GET', '/v1/me', token)
        return { user: (await response.json()) as User, tag: response.headers.get('etag') ?? '' }
      }

      it('is read with a strong tag and not sent again while it stands', async () => {
        const { accessToken, user } = await house.register()
        const seen = await me(accessToken)
        expect(seen.user).to.deep.equal(user)
        expect(seen.tag).to.match(/^"[^"]+"$/)
        const again = await house.ask('GET', '/v1/me', accessToken, undefined, { 'If-None-Match': seen.tag })
        expect(again.status).to.equal(304)
        expect(await again.text()).to.equal('')
      })

      it('changes, and tells when base currency or zone have changed', async () => {
        const { accessToken, user } = await house.register()
        const change = { baseCurrency: 'EUR', name: 'Ana', monthStartDay: 25 }
        const response = await house.ask('PATCH', '/v1/me', accessToken, change)
        expect(await response.json()).to.deep.equal({ ...user, ...change })
        expect(house.changed.filter((id) => id === user.id)).to.have.length(1)
        await house.ask('PATCH', '/v1/me', accessToken, { name: null, locale: 'de-DE' })
        expect(house.changed.filter((id) => id === user.id)).to.have.length(1)
        await house.ask('PATCH', '/v1/me', accessToken, { timeZone: 'Asia/Tokyo' })
        expect(house.changed.filter((id) => id === user.id)).to.have.length(2)
        expect((await me(accessToken)).user).to.include({
          name: null,
          locale: 'de-DE',
          timeZone: 'Asia/Tokyo',
        })
      })

      it('keeps a change out that was made without knowing of another one', async () => {
        const { accessToken } = await house.register()
        const patch = (name: string, tag: string) =>
          house.ask('PATCH', '/v1/me', accessToken, { name }, { 'If-Match': tag })
        for (let round = 0; round < 5; round += 1) {
          const { tag } = await me(accessToken)
          const answers = await Promise.all(['a', 'b', 'c', 'd'].map((name) => patch(`${name}${round}`, tag)))
          expect(answers.map((response) => response.status).sort()).to.deep.equal([200, 412, 412, 412])
          const refused = await patch('late', tag)
          expect((await problemOf(refused)).code).to.equal('precondition-failed')
        }
      })

      it('refuses what is not the user’s to change', async () => {
        const { accessToken } = await house.register()
        for (const change of [
          { role: 'ADMIN' },
          { email: 'x@example.org' },
          { monthStartDay: 29 },
          { monthStartDay: '1' },
        ]) {
          expect((await house.ask('PATCH', '/v1/me', accessToken, change)).status).to.equal(422)
        }
      })

      it('removes everything of the user, given the password', async () => {
        const { accessToken, refreshToken, user } = await house.register()
        const wrong = await house.ask('DELETE', '/v1/me', accessToken, { password: 'not the password' })
        expect(wrong.status).to.equal(403)
        expect((await house.ask('DELETE', '/v1/me', accessToken)).status).to.equal(422)
        expect((await house.ask('DELETE', '/v1/me', accessToken, { password: PASSWORD })).status).to.equal(
          204,
        )
        expect(house.ended).to.deep.include({ userId: user.id, sessionId: null })
        expect((await house.ask('GET', '/v1/me', accessToken)).status).to.equal(401)
        expect((await house.post('/v1/auth/refresh', { refreshToken })).status).to.equal(401)
        const left = await db.asSystem((tx) => tx.session.count({ where: { userId: user.id } }))
        expect(left).to.equal(0)
        const anew = await house.post('/v1/auth/register', { email: user.email, password: PASSWORD })
        expect(anew.status).to.equal(201)
      })
    })

    it('writes no secret to the log', async () => {
      const { accessToken, refreshToken, user } = await house.register('hunter2-hunter2')
      await house.post('/v1/auth/login', { email: user.email, password: 'wrong-hunter3' })
      const next = await sessionOf(await house.post('/v1/auth/refresh', { refreshToken }))
      await house.post('/v1/auth/refresh', { refreshToken })
      await house.ask('GET', `/v1/me?token=${accessToken}`, next.accessToken)
      const log = house.lines.join('')
      expect(log).to.contain('/v1/auth/login')
      for (const secret of [
        'hunter',
        accessToken,
        refreshToken,
        next.accessToken,
        next.refreshToken,
        '$2b$',
      ]) {
        expect(log).not.to.contain(secret)
      }
    })
  })
}
