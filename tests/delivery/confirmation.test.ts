import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { ParsedMail } from 'mailparser'
import { confirmationToken } from '../../src/delivery/confirmation-token.js'
import { serverKey } from '../../src/delivery/server-keys.js'
import { unsubscribeToken } from '../../src/delivery/unsubscribe.js'
import type { NotificationSettings } from '../../src/protocol/notifications.js'
import { DATABASE_START_MS } from '../http/door.js'
import { type Person, register, send } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { openPost, type Post } from './stage.js'

const ASK = '/v1/notifications/email/confirmation'
const PAGE = '/v1/notifications/confirm'
const DAY_MS = 86_400_000

describe('an e-mail address that is to be confirmed', function () {
  this.timeout(60_000)
  let post: Post
  let server: TestServer
  let key: Buffer
  before(async function () {
    this.timeout(DATABASE_START_MS)
    post = await openPost()
    server = await startTestServer({
      part: 'web',
      smtpUrl: post.url,
      config: { publicUrl: 'https://harta.example/money' },
    })
    key = await serverKey(server.db, 'unsubscribe', () => Buffer.alloc(0))
  })
  after(async () => {
    await server?.stop()
    await post?.close()
  })
  beforeEach(() => {
    post.mails.length = 0
    post.replies = []
  })

  const addressOf = ({ session }: Person): string => session.user.email
  const ask = (person: Person, headers: Record<string, string> = {}) =>
    person.ask<{ sentTo: string; expiresAt: string; code: string; detail: string }>(
      ...(['POST', ASK, undefined, headers] as const),
    )
  const settings = async (person: Person): Promise<NotificationSettings> =>
    (await person.ask<NotificationSettings>('GET', '/v1/notifications/settings')).body
  const isConfirmed = async (person: Person): Promise<boolean> => (await settings(person)).emailConfirmed
  const trial = (person: Person) => person.ask('POST', '/v1/notifications/try', { channel: 'email' })
  const pathIn = (mail: ParsedMail | undefined): string =>
    /https:\/\/harta\.example\/money(\/v1\/\S+)/.exec(mail?.text ?? '')?.[1] ?? ''
  const tokenOf = (person: Person, { endsAt = Date.now() + DAY_MS, address = addressOf(person) } = {}) =>
    confirmationToken(key, { userId: person.userId, endsAt, address })
  const page = (method: 'GET' | 'POST', token: string, language = 'en') =>
    send<string>(server.url, method, `${PAGE}?token=${token}`, undefined, { 'Accept-Language': language })
  const move = (person: Person, email: string) =>
    server.db.asSystem((tx) => tx.user.update({ where: { id: person.userId }, data: { email } }))

  it('is sent nothing but one link, and is confirmed by its button, never by looking', async () => {
    const ani = await register(server.url, { locale: 'id', name: 'You have won http://evil.example' })
    const wished = await ani.ask<NotificationSettings>('PATCH', '/v1/notifications/settings', { email: true })
    expect(wished.body).to.deep.include({ email: true, emailConfirmed: false })
    const tried = await trial(ani)
    expect([tried.status, tried.body.code]).to.deep.equal([409, 'email-unconfirmed'])
    expect(post.attempts()).to.equal(0)

    const asked = await ask(ani)
    expect([asked.status, asked.body.sentTo]).to.deep.equal([202, addressOf(ani)])
    expect(Date.parse(asked.body.expiresAt) - Date.now()).to.be.within(DAY_MS - 60_000, DAY_MS)
    const [mail] = post.mails
    expect(mail?.subject).to.equal('Konfirmasikan alamat surel Anda untuk Harta')
    expect(mail?.to).to.have.nested.property('text', addressOf(ani))
    expect(mail?.headers.get('auto-submitted')).to.equal('auto-generated')
    expect(mail?.html)
      .to.include('<html lang="id">')
      .and.include(`href="https://harta.example/money${pathIn(mail)}"`)
    expect([mail?.text, mail?.html, JSON.stringify(mail?.headerLines)].join()).not.to.match(/won|evil/)

    const path = pathIn(mail)
    const shown = await send<string>(server.url, 'GET', path, undefined, { 'Accept-Language': 'id' })
    expect(shown.headers.get('content-security-policy'))
      .to.include("default-src 'none'")
      .and.include("form-action 'self'")
    expect(shown.body).to.include('<form method="post" action="?token=').and.include(addressOf(ani))
    expect(await isConfirmed(ani)).to.equal(false)
    expect((await send<string>(server.url, 'POST', path)).body)
      .to.include('Done.')
      .and.not.include('<form')
    expect(await isConfirmed(ani)).to.equal(true)
    const known = { 'If-None-Match': wished.headers.get('etag') ?? '' }
    expect((await ani.ask('GET', '/v1/notifications/settings', undefined, known)).status).to.equal(200)
    expect((await send<string>(server.url, 'GET', path)).body)
      .to.include('Done.')
      .and.not.include('<form')
    expect((await trial(ani)).body).to.deep.equal({ sent: 1, failed: [] })
    const again = await ask(ani)
    expect([again.status, again.body.code]).to.deep.equal([409, 'email-confirmed'])
    expect(path.length).to.be.above(100)
    expect(server.lines.join(), 'the log').not.to.include(path.slice(-40))
  })

  it('is a new one when the account has another, which an old link says and does not confirm', async () => {
    const ani = await register(server.url)
    const first = addressOf(ani)
    const token = tokenOf(ani)
    await page('POST', token)
    expect(await isConfirmed(ani)).to.equal(true)
    await move(ani, `new-${first}`)
    expect(await isConfirmed(ani)).to.equal(false)
    for (const method of ['GET', 'POST'] as const)
      expect((await page(method, token)).body)
        .to.include('does not have any more')
        .and.not.include('<form')
    expect((await page('GET', token, 'id')).body).to.include('bukan lagi milik akun')
    expect(await isConfirmed(ani)).to.equal(false)
    expect((await trial(ani)).status).to.equal(409)
    expect((await ask(ani)).body.sentTo).to.equal(`new-${first}`)
  })

  it('is not confirmed by a link that is too old, was changed, or was made for something else', async () => {
    const [ani, budi] = [await register(server.url), await register(server.url)]
    const old = tokenOf(ani, { endsAt: Date.now() - 1_000 })
    for (const method of ['GET', 'POST'] as const)
      expect((await page(method, old)).body)
        .to.include('too old')
        .and.not.include('<form')
    const whole = tokenOf(ani)
    const later = (Math.floor(Date.now() / 1000) + 999_999).toString(16)
    const hers = ani.userId.replaceAll('-', '')
    const forged = [
      old.slice(0, 32) + later + old.slice(40),
      whole.replace(hers, budi.userId.replaceAll('-', '')),
      tokenOf(budi).slice(0, 62) + whole.slice(62),
      whole.slice(0, -1),
      unsubscribeToken(key, ani.userId),
      hers + whole.slice(32, 62) + unsubscribeToken(key, ani.userId).slice(32),
      '%22%3E%3Cscript%3E',
    ]
    for (const token of forged) {
      const shown = await page('GET', token)
      expect(shown.body, token)
        .to.include('not one of ours')
        .and.not.match(/<form|<script/)
      const refused = await page('POST', token)
      expect([refused.status, (refused.body as unknown as { code: string }).code], token).to.deep.equal([
        422,
        'invalid-token',
      ])
    }
    expect([await isConfirmed(ani), await isConfirmed(budi)]).to.deep.equal([false, false])
    // Nor does the link stop anything.
    const stop = `/v1/notifications/unsubscribe?token=${whole}`
    expect((await send(server.url, 'POST', stop)).status).to.equal(422)
  })

  it('is not confirmed by its user, whatever he writes', async () => {
    const { userId, session } = await register(server.url)
    const data = { confirmedEmail: session.user.email }
    const own = server.db.asUser(userId, (tx) => tx.user.update({ where: { id: userId }, data }))
    expect(String(await own.catch((error: unknown) => error))).to.include('permission denied')
  })

  it('is sent no more than a few links, whoever asks, and one for each key', async () => {
    const name = randomUUID()
    const ani = await register(server.url, { email: `${name}@example.org` })
    const once = { 'Idempotency-Key': name }
    expect([(await ask(ani, once)).status, (await ask(ani, once)).status]).to.deep.equal([202, 202])
    expect(post.mails.length).to.equal(1)
    expect((await ask(ani)).status).to.equal(202)
    // The same mailbox by another name.
    const budi = await register(server.url, { email: `${name}+budi@example.org` })
    expect((await ask(budi)).status).to.equal(202)
    const refused = await ask(budi)
    expect([refused.status, Number(refused.headers.get('retry-after')) > 3_000]).to.deep.equal([429, true])
    expect((await ask(ani)).status).to.equal(429)
    await move(ani, `${randomUUID()}@example.org`)
    expect((await ask(ani)).status, 'the same user with another mailbox').to.equal(429)
    expect(post.mails.length).to.equal(3)
  })

  it('is told of when it is refused, or when the link cannot be sent now', async () => {
    const ani = await register(server.url)
    post.replies = [
      { at: 'recipient', code: 550 },
      { at: 'recipient', code: 451 },
    ]
    const refused = await ask(ani)
    expect([refused.status, refused.body.code]).to.deep.equal([422, 'email-refused'])
    expect(refused.body.detail).to.include('550')
    const busy = await ask(ani)
    expect([busy.status, busy.body.code]).to.deep.equal([503, 'email-failed'])
    expect(busy.headers.get('retry-after')).to.equal('60')
    expect((await ask(ani)).status).to.equal(202)
  })
})
