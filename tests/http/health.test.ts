import { expect } from 'chai'
import { Counter, Registry } from 'prom-client'
import { type Check, healthRoutes } from '../../src/http/health.js'
import { capturedLog, type Door, openDoor } from './door.js'

describe('health', () => {
  const registry = new Registry()
  const captured = capturedLog()
  let checks: readonly Check[] = []
  let draining = false
  let door: Door
  before(async () => {
    new Counter({ name: 'harta_test_total', help: 'of this test', registers: [registry] }).inc(3)
    door = await openDoor((router) => {
      const routes = healthRoutes({
        get checks() {
          return checks
        },
        draining: () => draining,
        registry,
        log: captured.log,
        checkTimeoutMs: 50,
      })
      router.use(routes.routes())
    })
  })
  beforeEach(() => {
    checks = []
    draining = false
  })
  after(() => door.close())

  const ready = async () => {
    const response = await fetch(`${door.url}/readyz`)
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }

  it('is alive as long as it answers', async () => {
    draining = true
    expect((await fetch(`${door.url}/livez`)).status).to.equal(200)
  })

  it('is ready when every check is well, and shows what checks tell', async () => {
    checks = [
      { name: 'database', check: async () => undefined },
      { name: 'feeds', check: async () => ({ demo: { ageMs: 12 } }) },
    ]
    const { status, body } = await ready()
    expect(status).to.equal(200)
    expect(body).to.deep.equal({
      status: 'ready',
      checks: { database: { ok: true }, feeds: { ok: true, info: { demo: { ageMs: 12 } } } },
    })
  })

  it('is not ready while a check fails or hangs, and gives nothing away', async () => {
    checks = [
      { name: 'database', check: () => Promise.reject(new Error('connect to 10.1.2.3 as secret-user')) },
      { name: 'throws', check: () => JSON.parse('{') },
      { name: 'hangs', check: () => new Promise(() => {}) },
    ]
    const { status, body } = await ready()
    expect(status).to.equal(503)
    expect(body).to.deep.equal({
      status: 'unready',
      checks: {
        database: { ok: false, reason: 'failed' },
        throws: { ok: false, reason: 'failed' },
        hangs: { ok: false, reason: 'timeout' },
      },
    })
    expect(captured.lines.filter((line) => line.includes('readiness check failed'))).to.have.length(3)
  })

  it('is not ready while draining', async () => {
    draining = true
    expect(await ready()).to.deep.equal({ status: 503, body: { status: 'draining', checks: {} } })
  })

  it('tells its metrics', async () => {
    const response = await fetch(`${door.url}/metrics`)
    expect(response.headers.get('content-type')).to.contain('text/plain')
    expect(await response.text()).to.contain('harta_test_total 3')
  })
})
