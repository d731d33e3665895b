import { expect } from 'chai'
import { Registry } from 'prom-client'
import { healthRoutes } from '../../src/http/health.js'
import { until } from '../support/until.js'
import { capturedLog, openDoor } from './door.js'

describe('readiness asked by many at once', () => {
  it('looks once for all of them', async () => {
    let looks = 0
    const open: (() => void)[] = []
    const check = () => {
      looks += 1
      return new Promise<void>((resolve) => open.push(resolve))
    }
    const { log } = capturedLog()
    const options = {
      checks: [{ name: 'database', check }],
      draining: () => false,
      registry: new Registry(),
      log,
    }
    const door = await openDoor((router) => router.use(healthRoutes(options).routes()))
    let asked = 0
    door.server.on('request', () => {
      asked += 1
    })
    try {
      const first = fetch(`${door.url}/readyz`)
      const others = [fetch(`${door.url}/readyz`), fetch(`${door.url}/readyz`)]
      await until('all three have come', () => asked === 3)
      // They have come to the check when another request has gone all the way after them.
      await fetch(`${door.url}/livez`)
      for (const resolve of open) resolve()
      const statuses = (await Promise.all([first, ...others])).map(({ status }) => status)
      expect(statuses).to.deep.equal([200, 200, 200])
      expect(looks).to.equal(1)
      const again = fetch(`${door.url}/readyz`)
      await until('it looks again', () => looks === 2)
      for (const resolve of open) resolve()
      expect((await again).status).to.equal(200)
    } finally {
      await door.close()
    }
  })
})
