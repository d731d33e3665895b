import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import type { Page, Session, SessionSummary } from '../../src/protocol/resources.js'
import { DATABASE_START_MS, problemOf } from '../http/door.js'
import { databaseKinds, openTestDatabase } from '../support/database.js'
import { type House, openHouse, PASSWORD, sessionOf } from './house.js'

const DAY_MS = 24 * 3600 * 1000

for (const kind of databaseKinds()) {
  describe(`sessions, on a database that is ${kind}`, () => {
    let db: Database
    let house: House
    before(async function () {
      this.timeout(DATABASE_START_MS)
      db = await openTestDatabase(kind)
    })
    after(() => db.close())
    beforeEach(async () => {
      house = await openHouse({ db })
    })
    afterEach(() => house.close())

    const refresh = (refreshToken: string) => house.post('/v1/auth/refresh', { refreshToken })
    const status = async (token: string) => (await house.ask('GET', '/v1/me', token)).status
    const codeOf = async (response: Response) => (await problemOf(response)).code
    const login = async (session: Session) =>
      sessionOf(await house.post('/v1/auth/login', { email: session.user.email, password: PASSWORD }))
    const sessionIdOf = (session: Session) => house.tokens.verify(session.accessToken).sessionId

    it('give a new refresh token for each old one', async () => {
      const first = await house.register()
      const second = await sessionOf(await refresh(first.refreshToken))
      expect(second.refreshToken).not.to.equal(first.refreshToken)
      expect(sessionIdOf(second)).to.equal(sessionIdOf(first))
      const third = await sessionOf(await refresh(second.refreshToken))
      expect(await status(third.accessToken)).to.equal(200)
    })

    it('end as a whole when an old refresh token comes in again', async () => {
      const first = await house.register()
      const other = await login(first)
      const second = await sessionOf(await refresh(first.refreshToken))
      const reused = await refresh(first.refreshToken)
      expect(reused.status).to.equal(401)
      expect(await codeOf(reused)).to.equal('refresh-token-invalid')
      expect(house.ended).to.deep.equal([{ userId: first.user.id, sessionId: sessionIdOf(first) }])
      expect((await refresh(second.refreshToken)).status).to.equal(401)
      expect(await status(second.accessToken)).to.equal(401)
      expect(await status(other.accessToken)).to.equal(200)
    })

    it('let exactly one of several refreshes at the same time through, and end', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { refreshToken } = await house.register()
        const answers = await Promise.all(Array.from({ length: 6 }, () => refresh(refreshToken)))
        expect(answers.map((answer) => answer.status).sort()).to.deep.equal([200, 401, 401, 401, 401, 401])
        for (const winner of answers.filter((answer) => answer.ok)) {
          expect(await status((await sessionOf(winner)).accessToken)).to.equal(401)
        }
      }
      expect(house.ended).to.have.length(5)
    })

    it('keep only a digest of the refresh token', async () => {
      const { user, refreshToken } = await house.register()
      const rows = await db.asSystem((tx) => tx.refreshToken.findMany({ where: { userId: user.id } }))
      expect(rows).to.have.length(1)
      expect(rows[0]?.hash).to.have.length(32)
      expect(JSON.stringify(rows)).not.to.contain(refreshToken)
    })

    it('end after thirty days without use', async () => {
      const session = await house.register()
      house.pass(29 * DAY_MS)
      const second = await sessionOf(await refresh(session.refreshToken))
      house.pass(31 * DAY_MS)
      expect((await refresh(second.refreshToken)).status).to.equal(401)
    })

    it('end after ninety days at the most, and no access token outlives them', async () => {
      let session = await house.register()
      for (let day = 0; day < 80; day += 20) {
        house.pass(20 * DAY_MS)
        session = await sessionOf(await refresh(session.refreshToken))
      }
      house.pass(10 * DAY_MS - 5 * 60_000)
      const last = await sessionOf(await refresh(session.refreshToken))
      const claims = house.tokens.verify(last.accessToken)
      const left = (claims.expiresAt - Date.now() - 90 * DAY_MS) / 1000
      expect(left).to.be.within(-60, 1)
      house.pass(6 * 60_000)
      expect((await refresh(last.refreshToken)).status).to.equal(401)
    })

    it('outlive their access tokens, which end after a quarter of an hour', async () => {
      const session = await house.register()
      house.pass(15 * 60_000 + 1000)
      const late = await house.ask('GET', '/v1/me', session.accessToken)
      expect(late.status).to.equal(401)
      expect(await codeOf(late)).to.equal('token-expired')
      expect((await refresh(session.refreshToken)).status).to.equal(200)
    })

    it('end at once by logging out', async () => {
      const session = await house.register()
      expect((await house.ask('POST', '/v1/auth/logout', session.accessToken)).status).to.equal(204)
      const after = await house.ask('GET', '/v1/me', session.accessToken)
      expect(await codeOf(after)).to.equal('session-ended')
      expect((await refresh(session.refreshToken)).status).to.equal(401)
      expect(house.ended).to.deep.equal([{ userId: session.user.id, sessionId: sessionIdOf(session) }])
      const refused = await house.service.authenticate(session.accessToken).catch((error: unknown) => error)
      expect(refused).to.include({ fault: 'unauthenticated', code: 'session-ended' })
    })

    it('all end by a change of the password, which answers a fresh one', async () => {
      const session = await house.register()
      const other = await login(session)
      const put = (currentPassword: string, newPassword: string) =>
        house.ask('PUT', '/v1/me/password', session.accessToken, { currentPassword, newPassword })
      expect(await codeOf(await put('not the password', 'a new password'))).to.equal('password-wrong')
      expect((await put(PASSWORD, 'short')).status).to.equal(422)
      const fresh = await sessionOf(await put(PASSWORD, 'a new password'))
      expect(await status(fresh.accessToken)).to.equal(200)
      expect([await status(session.accessToken), await status(other.accessToken)]).to.deep.equal([401, 401])
      expect((await refresh(other.refreshToken)).status).to.equal(401)
      expect(house.ended).to.deep.equal([{ userId: session.user.id, sessionId: null }])
      const { email } = session.user
      expect((await house.post('/v1/auth/login', { email, password: PASSWORD })).status).to.equal(401)
      expect((await house.post('/v1/auth/login', { email, password: 'a new password' })).status).to.equal(200)
    })

    it('are listed, and end one by one or all but the asking one', async () => {
      const session = await house.register()
      const [second, third] = [await login(session), await login(session)]
      const list = async () => {
        const response = await house.ask('GET', '/v1/me/sessions', session.accessToken)
        return ((await response.json()) as { data: SessionSummary[] }).data
      }
      const all = await list()
      expect(all.map((item) => item.id)).to.deep.equal([third, second, session].map(sessionIdOf))
      const page = async (query: string) => {
        const response = await house.ask('GET', `/v1/me/sessions${query}`, session.accessToken)
        return (await response.json()) as Page<SessionSummary>
      }
      const first = await page('?limit=2')
      expect(first.data).to.deep.equal(all.slice(0, 2))
      const last = await page(`?limit=2&cursor=${first.nextCursor}`)
      expect(last).to.deep.equal({ data: all.slice(2), nextCursor: null })
      expect(all.filter((item) => item.current).map((item) => item.id)).to.deep.equal([sessionIdOf(session)])
      expect(all[0]).to.include({ address: '127.0.0.1' })
      const path = `/v1/me/sessions/${sessionIdOf(second)}`
      expect((await house.ask('DELETE', path, session.accessToken)).status).to.equal(204)
      expect(await status(second.accessToken)).to.equal(401)
      expect((await house.ask('DELETE', path, session.accessToken)).status).to.equal(404)
      expect((await house.ask('DELETE', '/v1/me/sessions', session.accessToken)).status).to.equal(204)
      expect(await status(third.accessToken)).to.equal(401)
      expect(await status(session.accessToken)).to.equal(200)
      expect(await list()).to.have.length(1)
      expect(house.ended.map((end) => end.sessionId)).to.deep.equal([second, third].map(sessionIdOf))
    })

    it('of another user answer like ones that do not exist', async () => {
      const [mine, foreign] = [await house.register(), await house.register()]
      const response = await house.ask('DELETE', `/v1/me/sessions/${sessionIdOf(foreign)}`, mine.accessToken)
      const unknown = await house.ask(
        'DELETE',
        '/v1/me/sessions/b6b8a9ae-6c0c-4f1e-9d3a-111111111111',
        mine.accessToken,
      )
      expect([response.status, unknown.status]).to.deep.equal([404, 404])
      const [a, b] = [await problemOf(response), await problemOf(unknown)]
      expect({ ...a, requestId: '', instance: '' }).to.deep.equal({ ...b, requestId: '', instance: '' })
      expect(await status(foreign.accessToken)).to.equal(200)
    })

    it('do not survive a sign-in by the old password while it is being changed', async () => {
      const session = await house.register()
      const { email } = session.user
      const change = house.ask('PUT', '/v1/me/password', session.accessToken, {
        currentPassword: PASSWORD,
        newPassword: 'a new password',
      })
      const attempts = Array.from({ length: 6 }, () =>
        house.post('/v1/auth/login', { email, password: PASSWORD }),
      )
      expect((await change).status).to.equal(200)
      for (const attempt of await Promise.all(attempts)) {
        if (attempt.ok) expect(await status(((await attempt.json()) as Session).accessToken)).to.equal(401)
        else expect(attempt.status).to.equal(401)
      }
    })
  })
}
