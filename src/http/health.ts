import Router from '@koa/router'
import type { Registry } from 'prom-client'
import type { Log } from '../lib/log.js'

export interface Check {
  readonly name: string
  /** Resolves, possibly with something worth telling, when all is well. */
  check(): Promise<unknown>
}

export interface HealthOptions {
  readonly checks: readonly Check[]
  /** True from SIGTERM on: this process wants no new work. */
  readonly draining: () => boolean
  readonly registry: Registry
  readonly log: Log
  /** How long one check may take, in ms. */
  readonly checkTimeoutMs?: number
}

type CheckState =
  | { readonly ok: true; readonly info?: unknown }
  | { readonly ok: false; readonly reason: string }

/**
 * `/livez`: the loop turns. `/readyz`: this process can do its work; a failing check tells what failed, its
 * reason goes to the log because driver messages may hold addresses and values. `/metrics`: for Prometheus.
 */
export function healthRoutes(options: HealthOptions): Router {
  const timeoutMs = options.checkTimeoutMs ?? 2000
  const router = new Router()
  let looking: Promise<readonly [string, CheckState][]> | null = null

  /** One look at a time, for however many ask meanwhile: anybody may ask, and each look takes a connection. */
  function look(): Promise<readonly [string, CheckState][]> {
    const checks = options.checks.map((check) => runCheck(check, timeoutMs, options.log))
    return Promise.all(checks).finally(() => {
      looking = null
    })
  }

  router.get('/livez', (ctx) => {
    ctx.body = { status: 'ok' }
  })
  router.get('/readyz', async (ctx) => {
    const draining = options.draining()
    looking ??= look()
    const states = await looking
    const ready = !draining && states.every(([, state]) => state.ok)
    ctx.status = ready ? 200 : 503
    ctx.body = {
      status: draining ? 'draining' : ready ? 'ready' : 'unready',
      checks: Object.fromEntries(states),
    }
  })
  router.get('/metrics', async (ctx) => {
    ctx.set('Content-Type', options.registry.contentType)
    ctx.body = await options.registry.metrics()
  })
  return router
}

async function runCheck(check: Check, timeoutMs: number, log: Log): Promise<[string, CheckState]> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new CheckTimeout()), timeoutMs)
  })
  try {
    const info = await Promise.race([Promise.resolve().then(() => check.check()), timeout])
    return [check.name, info === undefined ? { ok: true } : { ok: true, info }]
  } catch (error) {
    log.warn({ check: check.name, error }, 'readiness check failed')
    return [check.name, { ok: false, reason: error instanceof CheckTimeout ? 'timeout' : 'failed' }]
  } finally {
    clearTimeout(timer)
  }
}

class CheckTimeout extends Error {
  override readonly name = 'CheckTimeout'
}
