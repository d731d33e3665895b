import { join } from 'node:path'
import { expect } from 'chai'
import type { BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Session } from '../../src/protocol/resources.js'
import { BROWSER_INSTALL, browserOfSuite, signedInState } from '../support/browser.js'
import { CLIENT, serveFolder } from '../support/built-client.js'
import { demo, TestGateway } from '../support/test-gateway.js'
import { until } from '../support/until.js'

const hostile = '<img src=x onerror="document.title=1">'

describe(`the dashboard (${BROWSER_INSTALL})`, () => {
  const browser = browserOfSuite()
  let gateway: TestGateway
  let pages: Page[]
  let complaints: string[]
  beforeEach(async () => {
    pages = []
    complaints = []
    gateway = new TestGateway()
    const common = { type: 'CRYPTO', quantity: 2n, unitCost: 10000n, unitPrice: 15000n } as const
    gateway.portfolio.put({ ...common, id: 'btc', name: 'Bitcoin', symbol: 'BTC-USD' })
    gateway.portfolio.put({ ...common, id: 'eth', name: hostile, symbol: 'ETH-USD' })
    gateway.portfolio.put({ ...common, id: 'odd', name: 'Odd', symbol: 'ODD', unitPrice: null })
    gateway.portfolio.move({})
    gateway.files = serveFolder(join(CLIENT, 'dist/dashboard'), { '/demo.json': JSON.stringify(demo) })
    await gateway.start()
  })
  afterEach(async () => {
    for (const page of pages) await page.context().close()
    await gateway.stop()
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser().newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    pages.push(page)
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(gateway.url)
    return page
  }
  async function signedIn(options: BrowserContextOptions = {}): Promise<Page> {
    const headers = { 'Content-Type': 'application/json' }
    const asked = { method: 'POST', headers, body: JSON.stringify(demo) }
    const session = (await (await fetch(`${gateway.url}/v1/auth/login`, asked)).json()) as Session
    const page = await open({ storageState: signedInState(gateway.url, session), ...options })
    await page.locator('[data-asset=btc]').waitFor()
    return page
  }
  const text = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? ''
  const total = (page: Page): Promise<string> => text(page.locator('harta-net-worth .total .figure'))
  const value = (page: Page, id: string): Promise<string> =>
    text(page.locator(`[data-asset=${id}] .value .figure`))
  const shows = (page: Page, text: string): Promise<void> =>
    until(`a total of ${text}`, async () => (await total(page)) === text)

  it('fills in the demo’s account, signs in and shows what there is', async () => {
    const page = await open()
    await page.locator('.demo:not([hidden])').waitFor()
    await page.locator('button[type=submit]').click()
    await page.locator('[data-asset=btc]').waitFor()
    await shows(page, '$600.00')
    expect(await value(page, 'btc')).to.equal('$300.00')
    expect(await text(page.locator('harta-net-worth .foot'))).to.contain('2 of 3 priced')
    expect(await text(page.locator('[data-asset=odd] .price'))).to.contain('no price known')
    expect(await value(page, 'odd')).to.equal('–')
    expect(await text(page.locator('.pill'))).to.equal('Live')
    expect(complaints).to.deep.equal([])
  })

  it('moves the total, the holding and the line, and leaves the rest alone', async () => {
    const page = await signedIn()
    await shows(page, '$600.00')
    for (const price of [16000n, 17000n, 17500n]) gateway.move({ btc: price })
    await shows(page, '$650.00')
    expect(await value(page, 'btc')).to.equal('$350.00')
    expect(await page.locator('[data-asset=btc] .value .figure').getAttribute('data-moved')).to.match(/^up-/)
    expect(await page.locator('[data-asset=eth] .value .figure').getAttribute('data-moved')).to.equal(null)
    await page.locator('.stage canvas').waitFor()
    expect(await page.title()).to.equal('$650.00 · Harta')
    expect(complaints).to.deep.equal([])
  })

  it('shows a hostile name as text', async () => {
    const page = await signedIn()
    const name = page.locator('[data-asset=eth] .name')
    expect(await text(name)).to.equal(hostile)
    await name.click()
    expect(await text(page.locator('.modal h2'))).to.equal(hostile)
    expect(await page.locator('img[src=x]').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  it('says that it reconnects while the server is away, and catches up', async () => {
    const page = await signedIn()
    await shows(page, '$600.00')
    await gateway.stop()
    await page.locator('.pill[data-state=reconnecting]').waitFor()
    expect(await page.locator('harta-net-worth').getAttribute('data-offline')).to.equal('')
    await shows(page, '$600.00')
    gateway.portfolio.renew('epoch-2')
    gateway.portfolio.move({ btc: 20000n })
    await gateway.start()
    await page.locator('.pill[data-state=connected]').waitFor()
    await shows(page, '$700.00')
    expect(await page.locator('harta-net-worth').getAttribute('data-offline')).to.equal(null)
  })

  it('says when the network is gone, and is live at once when it is back', async () => {
    const page = await signedIn()
    await shows(page, '$600.00')
    await page.context().setOffline(true)
    await page.locator('.pill[data-state=offline]').waitFor()
    gateway.move({ btc: 20000n })
    await page.context().setOffline(false)
    await page.locator('.pill[data-state=connected]').waitFor()
    await shows(page, '$700.00')
  })

  it('stays signed in over a reload, and signs out for good', async () => {
    const page = await signedIn()
    await page.reload()
    await shows(page, '$600.00')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.locator('.sign-in').waitFor()
    await page.reload()
    await page.locator('.sign-in').waitFor()
    expect(gateway.seen.some(({ path }) => path === '/v1/auth/logout')).to.equal(true)
  })

  it('adds an asset, records a sale and deletes it', async () => {
    const page = await signedIn()
    await page.getByRole('button', { name: 'Add asset' }).first().click()
    await page.locator('.choices').getByText('Stock').click()
    await page.getByLabel('Symbol').fill('bbca.jk')
    await page.getByLabel('Quantity').fill('ten')
    await page.locator('.modal button[type=submit]').click()
    expect(await text(page.locator('#quantity-fault'))).to.equal('is not a number')
    await page.getByLabel('Quantity').fill('1,000')
    await page.getByLabel('Paid per unit').fill('0.5')
    await page.locator('.modal button[type=submit]').click()
    await page.locator('[data-asset=new-1]').click()
    const { body } = gateway.seen.find(({ method, path }) => method === 'POST' && path === '/v1/assets') ?? {}
    expect(body).to.deep.equal({
      type: 'STOCK',
      symbol: 'BBCA.JK',
      name: 'BBCA.JK',
      quantity: '1000',
      unitCost: '0.5',
    })
    await page.locator('.choices').getByText('Sell').click()
    await page.getByLabel('Quantity').fill('400')
    await page.locator('.modal button[type=submit]').click()
    await until('the sale shows', async () => (await value(page, 'new-1')) === '$300.00')
    await page.locator('[data-asset=new-1]').click()
    await page.getByRole('button', { name: 'Delete this asset' }).click()
    await page.getByRole('button', { name: 'Delete for good?' }).click()
    await page.locator('[data-asset=new-1]').waitFor({ state: 'detached' })
    expect(complaints).to.deep.equal([])
  })

  it('says in the form what was wrong', async () => {
    const page = await open()
    await page.locator('.demo:not([hidden])').waitFor()
    await page.getByLabel('Password').fill('wrong')
    await page.locator('button[type=submit]').click()
    await until('the refusal', async () =>
      (await text(page.locator('.general'))).startsWith('E-mail address or password'),
    )
  })

  it('creates an account in the chosen currency', async () => {
    const page = await open()
    await page.locator('.demo:not([hidden])').waitFor()
    await page.getByText('Create an account').click()
    await page.getByLabel('E-mail').fill('new@harta.test')
    await page.getByLabel('Password').fill('correct horse')
    await page.getByLabel('Currency of your totals').selectOption('IDR')
    await page.locator('button[type=submit]').click()
    await page.locator('.home').waitFor()
    const { email, baseCurrency, locale } = gateway.seen[0]?.body ?? {}
    expect([email, baseCurrency, locale]).to.deep.equal(['new@harta.test', 'IDR', 'en'])
  })

  it('speaks Indonesian by the browser’s language, and English when asked', async () => {
    const page = await signedIn({ locale: 'id-ID' })
    await shows(page, '$600,00')
    expect(await text(page.locator('.list h2'))).to.equal('Kepemilikan')
    await page.getByRole('button', { name: 'EN', exact: true }).click()
    expect(await text(page.locator('.list h2'))).to.equal('Holdings')
    await shows(page, '$600.00')
  })

  it('turns dark and light at the press of a button', async () => {
    const page = await signedIn({ colorScheme: 'light' })
    const ground = (): Promise<string> => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await ground()
    await page.getByRole('button', { name: 'System colours' }).click()
    expect(await ground()).to.equal(light)
    await page.getByRole('button', { name: 'Light' }).click()
    expect(await ground()).not.to.equal(light)
  })

  it('fits a phone without scrolling sideways, dialogs included', async () => {
    const page = await signedIn({ viewport: { width: 360, height: 740 } })
    const beyond = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    await shows(page, '$600.00')
    expect(await beyond()).to.equal(0)
    await page.getByRole('button', { name: 'Add asset' }).click()
    expect(await beyond()).to.equal(0)
    const box = await page.locator('.modal').boundingBox()
    expect(box && box.x >= 0 && box.x + box.width <= 360).to.equal(true)
  })
})
