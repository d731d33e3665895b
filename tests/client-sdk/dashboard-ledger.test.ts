import { expect } from 'chai'
import type { BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import type { Alert } from '../../src/protocol/alerts.js'
import type { Goal } from '../../src/protocol/goals.js'
import type { Page as Listed } from '../../src/protocol/resources.js'
import { BROWSER_INSTALL, browserOfSuite, signedInState } from '../support/browser.js'
import { type Person, register } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { until } from '../support/until.js'

describe(`the pages of the ledger (${BROWSER_INSTALL})`, function () {
  this.timeout(60_000)
  const browser = browserOfSuite()
  let exchange: Simulator
  let server: TestServer
  let contexts: BrowserContext[] = []
  let complaints: string[] = []
  before(async () => {
    exchange = await openExchange({ 'BTC-USD': '20000', 'ETH-USD': '1000' })
    server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
  })
  after(async () => {
    await server?.stop()
    await exchange?.close()
  })
  afterEach(async () => {
    for (const context of contexts) await context.close()
    contexts = []
    complaints = []
  })

  /** A page of somebody who is signed in already. */
  async function visit(
    { session }: Person,
    hash: string,
    options: BrowserContextOptions = {},
  ): Promise<Page> {
    const context = await browser().newContext({
      locale: 'en-US',
      reducedMotion: 'reduce',
      storageState: signedInState(server.url, session),
      ...options,
    })
    contexts.push(context)
    const page = await context.newPage()
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(`${server.url}/${hash}`)
    return page
  }
  const text = async (locator: Locator): Promise<string> => (await locator.textContent()) ?? ''

  it('writes down an expense, shows it in its month and category, and changes and deletes it', async () => {
    const page = await visit(await register(server.url), '#cashflow')
    await page.getByText('Nothing yet: add what you earn and spend').waitFor()
    await page.locator('.top').getByRole('button', { name: 'Add' }).click()
    const dialog = page.locator('.modal')
    await dialog.getByLabel('Amount').fill('ten')
    await dialog.locator('[name=categoryId]').selectOption({ label: 'New category …' })
    await dialog.getByLabel('Name of the category').fill('Coffee')
    await dialog.locator('button[type=submit]').click()
    expect(await text(dialog.locator('#amount-fault'))).to.equal('is not a number')
    await dialog.getByLabel('Amount').fill('1,250.50')
    await dialog.locator('button[type=submit]').click()
    await dialog.waitFor({ state: 'detached' })
    const category = page.locator('.category-rows li')
    await category.waitFor()
    expect(await text(category)).to.equal('Coffee$1,250.50100.0%')
    const month = page.locator('.month[aria-pressed=true]')
    expect(await month.getAttribute('aria-label')).to.match(/so far.*Expense \$1,250\.50, .*-\$1,250\.50$/)
    expect(await page.locator('.month').count()).to.equal(12)
    const rate = page.locator('.number-tile', { hasText: 'Saving rate' })
    expect(await text(rate))
      .to.contain('—')
      .and.to.contain('nothing came in')

    await page.locator('.entry', { hasText: 'Coffee' }).click()
    await dialog.getByLabel('Amount').fill('1000')
    await dialog.locator('button[type=submit]').click()
    await until('the change shows', async () => (await text(category)).includes('$1,000.00'))
    await page.locator('.entry', { hasText: 'Coffee' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete for good?' }).click()
    await category.waitFor({ state: 'detached' })
    expect(await page.locator('.entry').count()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  it('moves a goal with the price of what counts for it', async () => {
    const person = await register(server.url)
    const { id } = await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5' })
    const goal = { name: 'House', target: '25000', basis: 'ASSETS', assetIds: [id] }
    expect((await person.ask<Goal>('POST', '/v1/goals', goal)).status).to.equal(201)
    const page = await visit(person, '#goals')
    const percent = page.locator('.goal .percent')
    const shows = (share: string): Promise<void> =>
      until(`${share} of the goal`, async () => (await text(percent)) === share, 10_000)
    await percent.waitFor()
    await shows('40.0%')
    exchange.set('BTC-USD', '24000')
    await shows('48.0%')
    expect(await text(page.locator('.goal-foot'))).to.contain('$13,000.00 still to go')
    expect(complaints).to.deep.equal([])
  })

  it('makes a price alert in two clicks, tells live that it fired, and counts what is unseen', async () => {
    const person = await register(server.url)
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5' })
    exchange.set('BTC-USD', '20000')
    const page = await visit(person, '')
    const row = page.locator('harta-holdings .row[data-asset]')
    await until('the price', async () => (await text(row)).includes('$20,000'), 10_000)
    await row.getByRole('button', { name: 'Alert me about' }).click()
    expect(await page.locator('.modal [name=threshold]').inputValue()).to.equal('21000')
    await page.getByRole('button', { name: 'Create alert' }).click()
    const note = page.locator('.toast', { hasText: 'Alert created' })
    await note.waitFor()
    expect(await text(note)).to.contain('BTC-USD rises above $21,000.00.')

    exchange.set('BTC-USD', '21500')
    const news = page.locator('.toast', { hasText: 'BTC-USD rose to' })
    await news.waitFor({ timeout: 10_000 })
    expect(await row.getAttribute('data-lit')).to.equal('')
    expect(await text(page.locator('.bell .count'))).to.equal('1')
    await news.getByRole('button', { name: 'BTC-USD rose to' }).click()
    const alert = page.locator('.alert-row[data-state=fired]')
    await alert.waitFor()
    expect(await text(alert))
      .to.contain('BTC-USD rises above $21,000.00')
      .and.to.contain('Now $21,500.00')
    await page.locator('.bell .count').waitFor({ state: 'hidden' })
    await alert.getByRole('button', { name: 'Watch again' }).click()
    await page.locator('.alert-row[data-state=armed]').waitFor()
    expect(complaints).to.deep.equal([])
  })

  it('makes an alert on a ratio, and edits it: what changed is sent, and who was first is seen', async () => {
    const person = await register(server.url)
    await person.own({ type: 'CRYPTO', symbol: 'BTC-USD', quantity: '0.5' })
    exchange.set('BTC-USD', '20000')
    const page = await visit(person, '#alerts', { locale: 'id-ID' })
    const dialog = page.locator('.modal')
    const send = (): Promise<void> => dialog.locator('button[type=submit]').click()
    const edit = page.getByRole('button', { name: 'Ubah', exact: true })
    await page.getByText('Belum ada peringatan').waitFor()
    await page.getByRole('button', { name: 'Peringatan baru' }).first().click()
    const named = dialog.getByLabel('Harga dari')
    if (await named.isVisible()) await named.selectOption('BTC-USD')
    await dialog.getByLabel('Diukur dalam').selectOption('+')
    await dialog.getByLabel('Simbol pengukur').fill('eth-usd')
    await dialog.getByLabel('Simbol pengukur').blur()
    const mark = dialog.getByLabel('Batas', { exact: true })
    await until('a mark for the ratio', async () => (await mark.inputValue()) === '21', 10_000)
    expect(await text(dialog.locator('.price-now'))).to.equal('BTC-USD / ETH-USD20')
    await send()
    const row = page.locator('.alert-row')
    await row.getByText('BTC-USD / ETH-USD naik di atas 21').waitFor()

    await edit.click()
    expect(await mark.evaluate((field) => field === document.activeElement)).to.equal(true)
    await mark.fill('0')
    await mark.press('Enter')
    await dialog.getByText('harus lebih dari nol').waitFor()
    await mark.fill('22,5')
    await dialog.getByText('Setiap kali', { exact: true }).click()
    const sent = page.waitForRequest((request) => request.method() === 'PATCH')
    await mark.press('Enter')
    const change = { threshold: '22.5', repeat: 'rearm', minIntervalSeconds: 60 }
    expect((await sent).postDataJSON()).to.deep.equal(change)
    await row.getByText('BTC-USD / ETH-USD naik di atas 22,5').waitFor()
    await until('focus is back', () => edit.evaluate((button) => button === document.activeElement))

    await edit.click()
    const [alert] = (await person.ask<Listed<Alert>>('GET', '/v1/alerts')).body.data
    await person.ask('PATCH', `/v1/alerts/${alert?.id}`, { threshold: '30' })
    await dialog.getByText('Pilihan lain').click()
    await dialog.getByLabel('Catatan').fill('jual')
    await send()
    await dialog.getByRole('alert').filter({ hasText: 'diubah di tempat lain' }).waitFor()
    expect(await mark.inputValue()).to.equal('30')
    await send()
    await row.getByText('jual').waitFor()
    const [after] = (await person.ask<Listed<Alert>>('GET', '/v1/alerts')).body.data
    expect(after).to.deep.include({ threshold: '30', note: 'jual', per: 'ETH-USD', state: 'armed' })
    expect(complaints.filter((text) => !/status of 4(12|22)/.test(text))).to.deep.equal([])
  })

  it('tells what is not there yet in Indonesian, and fits a phone', async () => {
    const page = await visit(await register(server.url), '#cashflow', {
      locale: 'id-ID',
      viewport: { width: 360, height: 740 },
    })
    const beyond = (): Promise<number> =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
    const tabs = page.locator('.tabs')
    await page.getByText('Belum ada apa-apa: catat pemasukan').waitFor()
    expect(await beyond()).to.equal(0)
    await tabs.getByRole('link', { name: 'Target' }).click()
    await page.getByText('Belum ada: tambahkan tujuan menabung').waitFor()
    expect(await beyond()).to.equal(0)
    await tabs.getByRole('button', { name: 'Lainnya' }).click()
    await page.locator('.more-pages').getByRole('link', { name: 'Kesehatan' }).click()
    await page.locator('.health-part').first().waitFor()
    expect(await text(page.locator('.score'))).to.contain('—')
    expect(await beyond()).to.equal(0)
    await tabs.getByRole('button', { name: 'Lainnya' }).click()
    await page.locator('.more-pages').getByRole('link', { name: 'Kinerja' }).click()
    await page.getByText('Belum ada: tambahkan aset').waitFor()
    await tabs.getByRole('button', { name: 'Tambah' }).click()
    await page.locator('.modal').getByText('Belum ada yang dapat diperdagangkan').waitFor()
    expect(await beyond()).to.equal(0)
    expect(complaints).to.deep.equal([])
  })
})
