import { join } from 'node:path'
import { expect } from 'chai'
import { build } from 'esbuild'
import type { Page } from 'playwright-core'
import { createClient, type HartaClient, type NewAlert } from '../../client-sdk/src/index.js'
import type { Simulator } from '../../src/feeds/simulator/simulator.js'
import { events } from '../../src/protocol/events.js'
import { DATABASE_START_MS } from '../http/door.js'
import { BROWSER_INSTALL, browserOfSuite } from '../support/browser.js'
import { CLIENT, serveFolder } from '../support/built-client.js'
import { PASSWORD } from '../support/people.js'
import { openExchange, startTestServer, type TestServer } from '../support/server.js'
import { demo, TestGateway } from '../support/test-gateway.js'
import { until } from '../support/until.js'

const dist = join(CLIENT, 'dist')

/** A page of a stranger, with nothing but the file for pages without a bundler. */
const page = `<!doctype html><html lang="en"><meta charset="utf-8">
<script src="/harta-widgets.min.js"></script>
<body>
<harta-net-worth></harta-net-worth>
<harta-price symbol="BTC-USD"></harta-price>
<div id="place"></div>
<script src="/page.js"></script></body></html>`

const signIn = `
globalThis.signedIn = (async () => {
  globalThis.harta = Harta.createClient({ lingerMs: 20 })
  await harta.auth.login(${JSON.stringify(demo)})
})()`

describe(`widgets and hooks in a stranger's page (${BROWSER_INSTALL})`, () => {
  const browser = browserOfSuite()
  let gateway: TestGateway
  let tab: Page
  let complaints: string[]
  beforeEach(async () => {
    gateway = await new TestGateway().start()
    const common = { type: 'CRYPTO', quantity: 2n, unitCost: 10000n, unitPrice: 15000n } as const
    gateway.portfolio.put({ ...common, id: 'btc', name: 'Bitcoin', symbol: 'BTC-USD' })
    gateway.portfolio.move({})
    gateway.setPrice('BTC-USD', 15000n)
    complaints = []
  })
  afterEach(async () => {
    await tab?.context().close()
    await gateway.stop()
  })

  async function open(script: string, html = page): Promise<void> {
    gateway.files = serveFolder(dist, { '/index.html': html, '/page.js': script, '/favicon.ico': '' })
    const context = await browser().newContext({ locale: 'en-US' })
    tab = await context.newPage()
    tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
    tab.on('pageerror', (error) => complaints.push(String(error)))
    await tab.goto(gateway.url)
  }
  const shows = (selector: string, expected: string): Promise<void> =>
    until(`${selector} shows ${expected}`, async () => {
      const texts = await tab.locator(selector).allTextContents()
      return texts.join().includes(expected)
    })

  it('show live numbers once a client is configured', async () => {
    await open(`${signIn}; signedIn.then(() => Harta.configure(harta))`)
    await shows('harta-net-worth .total', '$300.00')
    await shows('harta-price .body', '$150.00')
    await shows('harta-price .badge', 'simulated')
    gateway.move({ btc: 20000n })
    gateway.setPrice('BTC-USD', 20000n)
    await shows('harta-net-worth .total', '$400.00')
    await shows('harta-price .body', '$200.00')
    expect(complaints).to.deep.equal([])
  })

  it('say so when there is no client', async () => {
    await open('')
    await shows('harta-net-worth .body', 'No Harta client configured')
  })

  it('take the client of an element above, and their own before that', async () => {
    await open(`${signIn}; signedIn.then(() => {
      place.client = harta
      place.append(document.createElement('harta-holdings'))
      document.querySelector('harta-net-worth').client = harta
    })`)
    await shows('#place harta-holdings .name', 'Bitcoin')
    await shows('harta-net-worth .total', '$300.00')
    await shows('harta-price .body', 'No Harta client configured')
  })

  it('stop watching when they leave the page', async () => {
    await open(`${signIn}; signedIn.then(() => Harta.configure(harta))`)
    await shows('harta-net-worth .total', '$300.00')
    expect(gateway.sockets).to.equal(1)
    await tab.evaluate(() => {
      for (const element of document.querySelectorAll('harta-net-worth, harta-price')) element.remove()
    })
    await until('the socket has left', () => gateway.sockets === 0)
  })

  it('tell a screen reader the total once, not at every move', async () => {
    await open(`${signIn}; signedIn.then(() => Harta.configure(harta))`)
    await shows('harta-net-worth .total', '$300.00')
    gateway.move({ btc: 20000n })
    await shows('harta-net-worth .total', '$400.00')
    expect(await tab.locator('harta-net-worth [role=status]').textContent()).to.equal('Net worth $300.00')
    expect(await tab.locator('harta-net-worth [aria-live]').count()).to.equal(0)
  })

  it('take their colours from the page', async () => {
    await open(`${signIn}; signedIn.then(() => Harta.configure(harta))
      document.documentElement.style.setProperty('--harta-ink', 'rgb(1, 2, 3)')`)
    await shows('harta-net-worth .total', '$300.00')
    const color = await tab.locator('harta-net-worth').evaluate((element) => getComputedStyle(element).color)
    expect(color).to.equal('rgb(1, 2, 3)')
  })

  it('share one session and one renewal among tabs', async () => {
    const script = `globalThis.harta = Harta.createClient({ storage: 'local' })`
    await open(script)
    await tab.evaluate(`harta.auth.login(${JSON.stringify(demo)})`)
    const other = await tab.context().newPage()
    await other.goto(gateway.url)
    expect(await other.evaluate('harta.auth.user.name')).to.equal('Sari')
    gateway.expireTokens()
    const names = await Promise.all(
      [tab, other].map((one) => one.evaluate('harta.me.get().then((me) => me.name)')),
    )
    expect(names).to.deep.equal(['Sari', 'Sari'])
    expect(gateway.seen.filter(({ path }) => path === '/v1/auth/refresh')).to.have.length(1)
    await tab.evaluate('harta.auth.logout()')
    await until('the other tab knows', async () => (await other.evaluate('harta.auth.user')) === null)
  })

  it('give React components the same live values', async () => {
    const app = `
      import { createElement as h } from 'react'
      import { createRoot } from 'react-dom/client'
      import { createClient } from 'harta-client'
      import { useConnectionState, useNotifications, usePortfolio, usePrices, useUser } from 'harta-client/react'
      const harta = createClient({ lingerMs: 20 })
      function App() {
        const total = usePortfolio(harta)?.total
        const prices = usePrices(harta, ['BTC-USD']).map(({ amount }) => amount).join()
        const unseen = useNotifications(harta)?.unseen
        return h('p', {}, [total, prices, unseen, useConnectionState(harta), useUser(harta)?.name].join(' '))
      }
      const root = createRoot(document.getElementById('place'))
      await harta.auth.login(${JSON.stringify(demo)})
      root.render(h(App))
      globalThis.leave = () => root.unmount()`
    const bundle = await build({
      stdin: { contents: app, resolveDir: CLIENT },
      bundle: true,
      write: false,
      format: 'esm',
      define: { 'process.env.NODE_ENV': '"production"' },
    })
    const html = '<!doctype html><div id="place"></div><script type="module" src="/page.js"></script>'
    gateway.instead.set('GET /v1/notifications', [
      { status: 200, body: { data: [], nextCursor: null, unseen: 2 } },
    ])
    await open(bundle.outputFiles[0]?.text ?? '', html)
    await shows('p', '300.00 150.00 2 connected Sari')
    gateway.move({ btc: 20000n })
    gateway.setPrice('BTC-USD', 20000n)
    gateway.emit(events.notification, {
      id: 'n-1',
      kind: 'test',
      title: '',
      body: '',
      data: {},
      seenAt: null,
    })
    await shows('p', '400.00 200.00 3 connected Sari')
    await tab.evaluate('leave()')
    await until('the socket has left', () => gateway.sockets === 0)
  })

  describe('at a server', function () {
    this.timeout(DATABASE_START_MS)
    let exchange: Simulator
    let server: TestServer
    let harta: HartaClient
    let people = 0
    before(async () => {
      exchange = await openExchange({ 'BTC-USD': '20000' })
      server = await startTestServer({ feedUrls: { coinbase: exchange.url } })
    })
    after(async () => {
      harta?.close()
      await server?.stop()
      await exchange?.close()
    })
    beforeEach(async () => {
      harta?.close()
      harta = createClient({ url: server.url })
      people += 1
      await harta.auth.register({
        email: `widget-${people}@example.org`,
        password: PASSWORD,
        baseCurrency: 'USD',
      })
    })

    /** A page of the server's own origin, with this element in it. */
    async function show(element: string, lang = 'en'): Promise<void> {
      const context = await browser().newContext({ locale: 'en-US' })
      tab = await context.newPage()
      await tab.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }))
      tab.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
      tab.on('pageerror', (error) => complaints.push(String(error)))
      await tab.goto(`${server.url}/livez`)
      await tab.addScriptTag({ url: '/harta-widgets.min.js' })
      await tab.evaluate(`document.documentElement.lang = '${lang}'; document.body.innerHTML = '${element}'`)
      const credentials = JSON.stringify({ email: harta.auth.user?.email, password: PASSWORD })
      await tab.evaluate(`globalThis.harta = Harta.createClient()
        harta.auth.login(${credentials}).then(() => Harta.configure(harta))`)
    }

    it('show alerts, light up the one that fires, and pause and delete it', async () => {
      await show('<harta-alerts></harta-alerts>')
      await shows('harta-alerts .note', 'No alerts yet')
      const fall = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'below', threshold: '19000' } as const
      await harta.alerts.create(fall)
      const move = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'moves', percent: '5', windowMinutes: 120 }
      await harta.alerts.create({ ...move, direction: 'up' } as NewAlert)
      await tab.evaluate("document.querySelector('harta-alerts').refresh()")
      await shows(
        'harta-alerts .sentence',
        'BTC-USD rises by 5% within 2 hours,BTC-USD falls below $19,000.00',
      )
      const list = tab.getByRole('list', { name: 'Alerts' })
      const row = list.getByRole('listitem').last()
      await shows('harta-alerts .badge', 'watching,watching')
      await until('the price is watched', async () => {
        exchange.set('BTC-USD', '20000')
        const [alert] = (await harta.alerts.list({ state: 'armed', pageSize: 2 }).page()).data.slice(-1)
        return alert?.alreadyTrue === false
      })
      exchange.set('BTC-USD', '18000')
      await until('it has fired', async () => (await row.getAttribute('data-state')) === 'fired')
      expect(await row.getAttribute('data-lit')).to.equal('0')
      expect(await tab.locator('harta-alerts .last').textContent()).to.match(
        /^Last: BTC-USD fell to \$18,000/,
      )
      expect(await tab.locator('harta-alerts [role=status]').textContent()).to.match(/^BTC-USD fell/)
      await tab.getByRole('button', { name: '1 new: mark all as seen' }).click()
      await tab.locator('harta-alerts .count').waitFor({ state: 'hidden' })
      await row.getByRole('button', { name: 'Watch again: BTC-USD falls' }).click()
      await row.getByText('holds already').waitFor()
      await row.getByRole('button', { name: 'Pause' }).click()
      await shows('harta-alerts .badge', 'watching,paused')
      await row.getByRole('button', { name: 'Delete' }).click()
      await row.getByRole('button', { name: 'Really?' }).click()
      await until('one is left', async () => (await list.getByRole('listitem').count()) === 1)
      expect((await harta.alerts.list().page()).data).to.have.length(1)
      expect(complaints).to.deep.equal([])
    })

    it('show how far a goal is, exactly, and when it is reached', async () => {
      const target = '1234567890123456.78'
      const goal = await harta.goals.create({ name: '<b>Boat</b>', target, basis: 'CONTRIBUTIONS' })
      const put = (amount: string) => harta.goals.contributions(goal.id).create({ amount })
      await put('1234500000000000.01')
      await show(`<harta-goal goal-id="${goal.id}"></harta-goal>`, 'id')
      await shows('harta-goal .line', '99,9%$1.234.500.000.000.000,01 dari $1.234.567.890.123.456,78')
      await shows('harta-goal .label', '<b>Boat</b>')
      await shows('harta-goal .foot', '$67.890.123.456,77 lagi')
      const bar = tab.getByRole('progressbar', { name: '<b>Boat</b>' })
      expect(await bar.getAttribute('aria-valuenow')).to.equal('99')
      expect(await tab.locator('harta-goal .marks [data-reached]').count()).to.equal(3)
      await put('67890123456.77')
      await shows('harta-goal .line', '100%')
      await shows('harta-goal .foot', 'tercapai')
      expect(await tab.locator('harta-goal .marks [data-reached]').count()).to.equal(4)
      await tab.evaluate('harta.auth.logout()')
      await shows('harta-goal .note', 'Belum masuk')
      expect(await tab.locator('harta-goal .meter').isVisible()).to.equal(false)
      expect(complaints).to.deep.equal([])
    })

    it('wake a browser: they keep its subscription at the server, and a worker shows each message once', async () => {
      await show('<p></p>')
      await tab.context().grantPermissions(['notifications'])
      // The push service of the browser's maker is out of reach here.
      await tab.evaluate(`(() => {
        let held = null
        const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
          .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
        PushManager.prototype.getSubscription = async () => held
        PushManager.prototype.subscribe = async (options) => {
          const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
          const p256dh = text(await crypto.subtle.exportKey('raw', pair.publicKey))
          const keys = { p256dh, auth: text(crypto.getRandomValues(new Uint8Array(16))) }
          const endpoint = 'https://push.example/' + crypto.randomUUID()
          held = {
            endpoint,
            options: { applicationServerKey: options.applicationServerKey.buffer },
            toJSON: () => ({ endpoint, keys, expirationTime: null }),
            unsubscribe: async () => { held = null },
          }
          return held
        }
      })()`)
      const state = () => tab.evaluate('Harta.pushState(harta)')
      expect(await state()).to.equal('off')
      const { endpoint } = (await tab.evaluate('Harta.subscribeToPush(harta)')) as { endpoint: string }
      await tab.evaluate('Harta.subscribeToPush(harta)')
      const kept = (await harta.push.list().page()).data
      expect(kept.map((one) => one.endpoint)).to.deep.equal([endpoint])
      expect(await state()).to.equal('on')

      const browserItself = await tab.context().newCDPSession(tab)
      const registered = new Promise<string>((resolve) => {
        browserItself.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: [one] }) => {
          if (one) resolve(one.registrationId)
        })
      })
      await browserItself.send('ServiceWorker.enable')
      const to = { origin: server.url, registrationId: await registered }
      const deliver = (data: string) =>
        browserItself.send('ServiceWorker.deliverPushMessage', { ...to, data })
      const told = {
        id: 'n-1',
        kind: 'test',
        title: 'BTC <b>',
        body: 'rose',
        url: '/#alerts',
        at: '2026-03-02',
      }
      await deliver(JSON.stringify(told))
      await deliver(JSON.stringify({ ...told, title: 'again' }))
      await deliver('no JSON')
      const shown = () =>
        tab.evaluate(`navigator.serviceWorker.ready.then((one) => one.getNotifications())
          .then((all) => all.map(({ tag, title, data }) => [tag, title, data.url].join(' ')).sort())`)
      await until('both are shown', async () => ((await shown()) as string[]).length === 2)
      expect(await shown()).to.deep.equal(['harta Harta /', 'n-1 again /#alerts'])

      await tab.evaluate('Harta.unsubscribeFromPush(harta)')
      expect([(await harta.push.list().page()).data, await state()]).to.deep.equal([[], 'off'])
      const { headers } = await fetch(`${server.url}/harta-push-worker.js`)
      expect([headers.get('cache-control'), headers.get('content-type')]).to.deep.equal([
        'no-cache',
        'text/javascript; charset=utf-8',
      ])
      expect(complaints).to.deep.equal([])
    })
  })
})
