import { expect } from 'chai'
import type { BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { summarize } from '../../client-sdk/dashboard/feeds-summary.js'
import type { FeedsReport, SourceReport, VenueReport, WorkerReport } from '../../src/protocol/feeds-report.js'
import { BROWSER_INSTALL, browserOfSuite, signedInState } from '../support/browser.js'
import { register } from '../support/people.js'
import { startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

const NOW = Date.parse('2026-03-01T07:30:00.000Z')
const hostile = '<img src=x onerror="document.title=1">'

function venue(more: Partial<VenueReport>): VenueReport {
  return {
    venue: 'coinbase',
    simulated: false,
    state: 'live',
    connections: 1,
    symbols: 2,
    lastTickAgeMs: 500,
    lagMs: 40,
    ticksPerSecond: 3.5,
    counts: { tick: 100 },
    refused: [],
    silent: [],
    ...more,
  }
}

function source(more: Partial<SourceReport>): SourceReport {
  return {
    id: 'yahoo',
    breaker: 'closed',
    asked: 10,
    answered: 9,
    failures: {},
    rateLimited: 0,
    lastAnswerAgeMs: 4_000,
    symbols: 3,
    unknown: [],
    ...more,
  }
}

function worker(more: Partial<WorkerReport>): WorkerReport {
  return {
    member: 'a',
    at: NOW - 1_000,
    slots: 32,
    venues: [],
    sources: [],
    instruments: [],
    quarantined: [],
    refusedOffers: {},
    admitted: 0,
    failovers: 0,
    returns: 0,
    unserved: [],
    ...more,
  }
}

const reportOf = (...workers: WorkerReport[]): FeedsReport => ({ at: new Date(NOW).toISOString(), workers })

describe('a summary of the feeds', () => {
  it('adds up what the workers hear of a venue, and is as the one that is worst off with it', () => {
    const { venues, oldest, ticksPerSecond } = summarize(
      reportOf(
        worker({ venues: [venue({ counts: { tick: 5, reconnect: 1 } }), venue({ venue: 'kraken' })] }),
        worker({
          venues: [
            venue({
              state: 'waiting',
              lastTickAgeMs: 9_000,
              lagMs: null,
              ticksPerSecond: 0,
              silent: ['X-USD'],
            }),
            venue({ venue: 'kraken', state: 'idle', connections: 0, symbols: 0, lastTickAgeMs: 99_000 }),
          ],
        }),
      ),
    )
    expect(venues.map(({ state }) => state)).to.deep.equal(['waiting', 'live'])
    expect(venues[0]).to.deep.include({ connections: 2, symbols: 4, lastTickAgeMs: 9_000, lagMs: 40 })
    expect(venues[0]).to.deep.include({ counts: { tick: 105, reconnect: 1 }, silent: ['X-USD'] })
    expect(oldest).to.deep.equal({ venue: 'kraken', ageMs: 500 })
    expect(ticksPerSecond).to.equal(10.5)
  })

  it('takes the newest answer of a source, whose breaker the workers share', () => {
    const { sources } = summarize(
      reportOf(
        worker({ sources: [source({ lastAnswerAgeMs: null, failures: { quota: 1 } })] }),
        worker({ sources: [source({ breaker: 'open', failures: { quota: 2 }, unknown: ['A'] })] }),
      ),
    )
    expect(sources).to.have.length(1)
    expect(sources[0]).to.deep.include({ breaker: 'open', asked: 20, lastAnswerAgeMs: 4_000, unknown: ['A'] })
    expect(sources[0]?.failures).to.deep.equal({ quota: 3 })
  })

  it('names the oldest prices first, an instrument once, and every offer by its share', () => {
    const route = { active: 'kraken', standby: null, since: NOW, reason: null }
    const { instruments, offers, unserved, workers } = summarize(
      reportOf(
        worker({
          instruments: [
            { ...route, symbol: 'A-USD', lastTickAgeMs: 70 },
            { ...route, symbol: 'B-USD', lastTickAgeMs: null },
          ],
          admitted: 3,
          unserved: ['Z', 'Y'],
        }),
        worker({
          at: NOW - 8_000,
          instruments: [
            { ...route, symbol: 'B-USD', lastTickAgeMs: 60 },
            { ...route, symbol: 'C-USD', lastTickAgeMs: null },
          ],
          refusedOffers: { older: 1 },
          unserved: ['Y'],
        }),
      ),
    )
    expect(instruments.map(({ symbol }) => symbol)).to.deep.equal(['C-USD', 'A-USD', 'B-USD'])
    expect(offers).to.deep.equal([
      { outcome: 'admitted', count: 3, share: 0.75 },
      { outcome: 'older', count: 1, share: 0.25 },
    ])
    expect(unserved).to.deep.equal(['Y', 'Z'])
    expect(workers.map(({ silentMs }) => silentMs)).to.deep.equal([1_000, 8_000])
  })

  it('knows nothing of feeds that no worker reports', () => {
    const { venues, oldest, offers, ticksPerSecond } = summarize(reportOf())
    expect([venues, oldest, ticksPerSecond]).to.deep.equal([[], null, 0])
    expect(offers).to.deep.equal([{ outcome: 'admitted', count: 0, share: 0 }])
  })
})

describe(`the page of the feeds (${BROWSER_INSTALL})`, function () {
  this.timeout(60_000)
  const browser = browserOfSuite()
  let server: TestServer
  let state: Awaited<ReturnType<BrowserContext['storageState']>>
  let contexts: BrowserContext[] = []
  let complaints: string[] = []
  before(async () => {
    server = await startTestServer({ demo: true })
    const page = await visit(await open())
    await page.locator('.demo:not([hidden])').waitFor()
    await page.locator('button[type=submit]').click()
    await page.locator('.home').waitFor()
    state = await page.context().storageState()
  })
  after(async () => {
    await server?.stop()
  })
  afterEach(async () => {
    for (const context of contexts) await context.close()
    contexts = []
    complaints = []
  })

  async function open(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser().newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options })
    contexts.push(context)
    return context
  }
  async function visit(context: BrowserContext, hash = ''): Promise<Page> {
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`${server.url}/${hash}`)
    return page
  }
  /** From here on its pages' time passes when a test says so. */
  async function stopClock({ clock }: BrowserContext): Promise<void> {
    await clock.install()
    await clock.pauseAt(Date.now() + 60_000)
  }
  const text = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? ''
  const tile = (page: Page, name: string): Locator =>
    page.locator('.tile', { hasText: name }).locator('.value')

  it('shows an administrator the venue that is live and its prices per second, and stays over a reload', async () => {
    const page = await visit(await open({ storageState: state }))
    await page.getByRole('link', { name: 'Feeds' }).click()
    const row = page.locator('table[aria-label=Venues] tbody tr').first()
    await until('the venue is live and tells prices', async () => {
      if ((await row.count()) === 0) return false
      return (await text(row)).includes('Live') && Number(await text(tile(page, 'Prices per second'))) > 0
    })
    expect(await text(row.locator('.name'))).to.equal('demo simulated')
    expect(await row.locator('.badge').getAttribute('data-tone')).to.equal('good')
    expect(await text(tile(page, 'Venues live'))).to.equal('1 / 1')
    await page.reload()
    await page.locator('.feeds-parts:not([hidden])').waitFor()
    await page.goBack()
    await page.locator('harta-net-worth').waitFor()
    expect(await page.locator('.feeds').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  it('shows anybody else neither the way there nor the page', async () => {
    const { session } = await register(server.url)
    const page = await visit(await open({ storageState: signedInState(server.url, session) }))
    await page.locator('harta-net-worth').waitFor()
    expect(await page.locator('.page-link').count()).to.equal(0)
    await page.goto(`${server.url}/#feeds`)
    await page.reload()
    await page.locator('harta-net-worth').waitFor()
    expect(await page.locator('.feeds').count()).to.equal(0)
  })

  it('shows words of venues as text, unfolds them for good, and fits a phone in both languages', async () => {
    const refused = [{ symbol: 'ABC-USD', reason: hostile }]
    const report = reportOf(
      worker({
        venues: [venue({ venue: hostile, state: 'waiting', refused }), venue({ state: 'subscribed' })],
        sources: [source({ breaker: 'half-open', failures: { [hostile]: 1 } })],
        quarantined: [
          {
            symbol: 'BTC-USD',
            source: 'kraken',
            price: '0.0000000123456789',
            standing: null,
            since: NOW - 65_000,
            confirmations: 1,
          },
        ],
        unserved: [hostile],
      }),
    )
    const context = await open({ storageState: state, viewport: { width: 360, height: 740 } })
    await context.route('**/v1/admin/feeds', (route) => route.fulfill({ json: report }))
    await stopClock(context)
    const page = await visit(context, '#feeds')
    await page.getByRole('button', { name: '1 refused' }).click()
    refused.push({ symbol: 'DEF-USD', reason: 'no' })
    await Promise.all([page.waitForResponse('**/v1/admin/feeds'), page.clock.runFor(2_000)])
    expect(await page.getByRole('button', { name: '2 refused' }).getAttribute('aria-expanded')).to.equal(
      'true',
    )
    expect(await text(page.locator('.more:not([hidden]) li').first())).to.equal(`ABC-USD ${hostile}`)
    expect(await page.locator('.badge').allTextContents()).to.deep.equal([
      'Down',
      'No price yet',
      'Half-open',
    ])
    expect(await text(page.locator('table[aria-label="Prices held back"] tbody'))).to.contain(
      '0.0000000123456789',
    )
    const beyond = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    expect(await beyond()).to.equal(0)
    await page.getByRole('button', { name: 'ID', exact: true }).click()
    await page.locator('.badge').first().waitFor()
    expect(await page.locator('.badge').allTextContents()).to.deep.equal([
      'Putus',
      'Belum ada harga',
      'Setengah terbuka',
    ])
    expect(await beyond()).to.equal(0)
    expect(await page.locator('img[src=x]').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  it('asks every two seconds while it is looked at, and says when there is no answer', async () => {
    let asked = 0
    let isWell = true
    const context = await open({ storageState: state })
    await stopClock(context)
    await context.route('**/v1/admin/feeds', (route) => {
      asked += 1
      return isWell ? route.fulfill({ json: reportOf(worker({})) }) : route.abort()
    })
    const page = await visit(context, '#feeds')
    const pill = page.locator('.pill')
    const heard = (n: number) => until(`question ${n}`, () => asked === n)
    const looksAway = (hidden: boolean): Promise<void> =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await page.locator('.pill[data-state=connected]').waitFor()
    isWell = false
    await page.clock.runFor(1_900)
    expect(asked).to.equal(1)
    await page.clock.runFor(100)
    await heard(2)
    await page.locator('.pill[data-state=failed]').waitFor()
    expect(await text(pill)).to.equal('No answer')
    expect(await text(page.locator('.feeds-fault'))).to.contain('cannot be reached')
    expect(await text(tile(page, 'Workers'))).to.equal('1')
    await looksAway(true)
    await page.clock.runFor(60_000)
    expect(asked).to.equal(2)
    isWell = true
    await looksAway(false)
    await heard(3)
    await page.locator('.pill[data-state=connected]').waitFor()
    expect(await page.locator('.feeds-fault').isHidden()).to.equal(true)
  })

  it('goes when one is no administrator any more', async () => {
    const kept = state.origins
      .flatMap(({ localStorage }) => localStorage)
      .find(({ name }) => name.startsWith('harta:session'))
    const { user } = JSON.parse(kept?.value ?? '') as { user: object }
    const problem = {
      type: 'about:blank',
      title: 'no',
      status: 403,
      detail: 'no',
      code: 'forbidden',
      requestId: '1',
    }
    const context = await open({ storageState: state })
    await context.route('**/v1/admin/feeds', (route) =>
      route.fulfill({ status: 403, contentType: 'application/problem+json', json: problem }),
    )
    const roles = ['ADMIN', 'USER']
    await context.route('**/v1/me', (route) =>
      route.fulfill({ json: { ...user, role: roles.shift() ?? 'USER' } }),
    )
    const page = await visit(context, '#feeds')
    await page.locator('harta-net-worth').waitFor()
    expect(await page.locator('.page-link').count()).to.equal(0)
  })
})
