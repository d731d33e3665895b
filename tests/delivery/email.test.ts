import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { createMailer } from '../../src/delivery/email.js'
import { Outbox } from '../../src/delivery/outbox.js'
import { readUnsubscribeToken } from '../../src/delivery/unsubscribe.js'
import type { Way } from '../../src/delivery/way.js'
import { addUser, openTestDatabase } from '../support/database.js'
import { readableLog } from '../support/server.js'
import { until } from '../support/until.js'
import { openPost, outboxOf, type Post, standingClock, tellLater } from './stage.js'

const START = Date.UTC(2026, 4, 20, 9)
const SECOND = 1_000

describe('e-mail', function () {
  this.timeout(60_000)
  const key = randomBytes(32)
  const clock = standingClock(START)
  const { log, lines } = readableLog()
  let db: Database
  let post: Post
  let way: Way
  let outbox: Outbox
  before(async () => {
    db = await openTestDatabase('embedded')
    post = await openPost()
    const mailer = { smtpUrl: post.url, from: 'Harta <alerts@harta.example>', key, clock }
    way = createMailer({ ...mailer, publicUrl: 'https://harta.example/money' })
    outbox = new Outbox({ db, ways: { email: way, push: null }, clock, log }).start()
  })
  after(async () => {
    await outbox?.stop()
    await way?.close()
    await post?.close()
    await db?.close()
  })
  beforeEach(() => {
    post.mails.length = 0
    post.replies = []
    clock.at = START
  })

  const person = async (more: { name?: string; locale?: string } = {}): Promise<string> => {
    const userId = await addUser(db, { email: `p${randomBytes(4).toString('hex')}@example.org` })
    await db.asSystem((tx) =>
      tx.user.update({ where: { id: userId }, data: { timeZone: 'Asia/Jakarta', ...more } }),
    )
    return userId
  }
  /** Moves the clock, and waits until nothing of this user's is due that was not tried. */
  const pass = async (userId: string, ms = 0): Promise<void> => {
    clock.at += ms
    outbox.wake()
    await until('what is due is over or put off', async () =>
      (await outboxOf(db, userId)).every(
        ({ doneAt, availableAt }) => doneAt || availableAt.getTime() > clock.at,
      ),
    )
  }

  it('speaks the language of its reader, as text and as HTML', async () => {
    const id = await person({ locale: 'id-ID', name: 'Budi' })
    const en = await person({ locale: 'fr', name: 'Jeanne' })
    const told = await tellLater(db, id, { due: START, title: 'BTC-USD naik ke Rp1.000' })
    await tellLater(db, en, { due: START })
    await pass(id)
    await pass(en)
    const [indonesian, english] = ['naik', 'rose'].map((word) =>
      post.mails.find(({ subject }) => subject?.includes(word)),
    )
    expect(indonesian?.text).to.include('Anda menerima ini karena').and.include('20 Mei 2026')
    expect(indonesian?.html).to.include('<html lang="id">').and.include('Hentikan surel ini')
    expect(english?.text).to.include('You get this because').and.include('20 May 2026, 16:00')
    expect(english?.html).to.include('href="https://harta.example/money/#alerts"')
    expect(indonesian?.from?.text).to.equal('"Harta" <alerts@harta.example>')
    expect(indonesian?.messageId).to.equal(`<${told}@harta.example>`)
    expect(indonesian?.headers.get('auto-submitted')).to.equal('auto-generated')
    const lines = indonesian?.headerLines.map(({ line }) => line.replace(/\r?\n\s+/g, ' ')) ?? []
    expect(lines).to.include('List-Unsubscribe-Post: List-Unsubscribe=One-Click')
    const link = lines.find((line) => line.startsWith('List-Unsubscribe: <https://harta.example/money/v1/'))
    const token = /token=([^>]+)>$/.exec(link ?? '')?.[1] ?? ''
    expect(readUnsubscribeToken(key, token)).to.equal(id)
    expect(
      readUnsubscribeToken(
        key,
        token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
      ),
    ).to.equal(null)
    expect(readUnsubscribeToken(randomBytes(32), token)).to.equal(null)
  })

  it('lets no title and no name become a header, a line or a tag', async () => {
    const userId = await person({ name: 'Eve"\r\nBcc: <eve@evil.example>' })
    const title = 'Up\r\nBcc: all@evil.example\r\n\r\n<script>x</script> & "more" \u2028'
    await tellLater(db, userId, { due: START, title, body: `<img src="http://evil.example/a.png">'` })
    await pass(userId)
    const [mail] = post.mails
    expect(mail?.headerLines.map(({ key: name }) => name)).not.to.include('bcc')
    expect(mail?.subject).to.equal('Up Bcc: all@evil.example <script>x</script> & "more"')
    expect(mail?.to).to.have.nested.property('value.length', 1)
    expect(mail?.html).to.include('&lt;script&gt;x&lt;/script&gt; &amp; &quot;more&quot;')
    expect(mail?.html).to.include('&lt;img src=&quot;http://evil.example/a.png&quot;&gt;&#39;')
    expect(mail?.html).not.to.match(/<(script|img|link|iframe)/)
    expect(mail?.text).to.include('<img src=')
  })

  it('goes to no address that its owner has not confirmed, and keeps nobody else waiting', async () => {
    const [confirmed, moved, never] = [await person(), await person(), await person()]
    const email = `new-${randomBytes(4).toString('hex')}@example.org`
    await db.asSystem((tx) => tx.user.update({ where: { id: moved }, data: { email } }))
    await db.asSystem((tx) => tx.user.update({ where: { id: never }, data: { confirmedEmail: null } }))
    for (const held of [true, true, false]) await tellLater(db, never, { due: START, held })
    await tellLater(db, moved, { due: START })
    await tellLater(db, confirmed, { due: START })
    const before = post.attempts()
    await pass(confirmed)
    await pass(moved)
    await pass(never)
    expect([post.attempts() - before, post.mails.length]).to.deep.equal([1, 1])
    const rows = [...(await outboxOf(db, never)), ...(await outboxOf(db, moved))]
    expect(rows.map(({ doneAt, error }) => [doneAt?.getTime(), error])).to.deep.equal(
      Array(4).fill([START, 'the address is not confirmed']),
    )
  })

  it('is tried again, later each time, when the server will not have it now or breaks off', async () => {
    const userId = await person()
    const id = await tellLater(db, userId, { due: START })
    post.replies = [{ at: 'recipient', code: 451 }, { at: 'sender', code: 550 }, 'hang-up']
    await pass(userId)
    const before = post.attempts()
    await pass(userId, 4 * SECOND)
    expect(post.attempts()).to.equal(before)
    await pass(userId, 1 * SECOND)
    await pass(userId, 30 * SECOND)
    const [row] = await outboxOf(db, userId)
    expect(row).to.include({ attempts: 3, doneAt: null })
    expect(row?.availableAt.getTime()).to.equal(clock.at + 120 * SECOND)
    await pass(userId, 120 * SECOND)
    // The one that was taken before the line broke, and the one after; whoever keeps mailboxes knows it again.
    expect(post.mails.map(({ messageId }) => messageId)).to.deep.equal(Array(2).fill(`<${id}@harta.example>`))
    const [sent] = await outboxOf(db, userId)
    expect(sent).to.include({ error: null })
    expect(sent?.doneAt?.getTime()).to.equal(clock.at)
  })

  it('is not tried again when its recipient or its content is refused for good', async () => {
    const userId = await person()
    for (const at of ['recipient', 'message'] as const) {
      await tellLater(db, userId, { due: START })
      post.replies = [{ at, code: 550 }]
      await pass(userId)
    }
    const rows = await outboxOf(db, userId)
    expect(rows.map(({ doneAt }) => doneAt?.getTime())).to.deep.equal([START, START])
    expect(rows[0]?.error).to.include('550 <...> not now')
    expect(lines.join(), 'whose address it is').not.to.include('@')
  })

  it('is given up after a day of failures', async () => {
    const userId = await person()
    await tellLater(db, userId, { due: START })
    post.replies = Array(20).fill({ at: 'recipient', code: 450 })
    const before = post.attempts()
    for (let times = 0; times < 11; times += 1) {
      await pass(userId)
      const [row] = await outboxOf(db, userId)
      clock.at = Math.max(clock.at, row?.availableAt.getTime() ?? 0)
    }
    const [row] = await outboxOf(db, userId)
    expect(row?.doneAt).not.to.equal(null)
    expect(post.attempts() - before).to.equal(11)
    expect(clock.at - START).to.be.within(20 * 3600 * SECOND, 28 * 3600 * SECOND)
  })

  it('comes as one for all that quiet hours held back, and what became due meanwhile', async () => {
    const userId = await person({ locale: 'id' })
    const end = START + 3_600 * SECOND
    for (const title of ['Satu <1>', 'Dua', 'Tiga'])
      await tellLater(db, userId, { due: end, held: true, title })
    await pass(userId)
    expect(post.mails).to.deep.equal([])
    post.replies = [{ at: 'message', code: 452 }]
    await pass(userId, 3_600 * SECOND)
    await tellLater(db, userId, { due: clock.at + 1, held: true, title: 'Empat' })
    await tellLater(db, userId, { due: clock.at + 1, title: 'Sendiri' })
    await pass(userId, 5 * SECOND)
    const [refused, ...sent] = post.mails
    expect(refused?.subject).to.equal('3 pemberitahuan')
    expect(sent.map(({ subject }) => subject).sort()).to.deep.equal(['4 pemberitahuan', 'Sendiri'])
    const digest = sent.find(({ subject }) => subject !== 'Sendiri')
    expect(digest?.messageId).not.to.equal(refused?.messageId)
    for (const title of ['Satu &lt;1&gt;', 'Dua', 'Tiga', 'Empat']) expect(digest?.html).to.include(title)
    const rows = await outboxOf(db, userId)
    expect(rows.filter(({ doneAt }) => doneAt === null)).to.deep.equal([])
  })
})
