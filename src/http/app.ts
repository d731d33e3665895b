import { randomUUID } from 'node:crypto'
import cors from '@koa/cors'
import type Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import helmet from 'koa-helmet'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import { jsonBody } from './body.js'
import { addressOf, doorState } from './context.js'
import { docsRoutes } from './docs.js'
import { type Limits, limitByAddress } from './limits.js'
import { HttpRefusal, problemDoor } from './problem.js'

const BODY_LIMIT_BYTES = 1024 * 1024
/** A file of 10 MB within JSON. */
const LARGER_BODIES = { '/v1/imports': 12 * 1024 * 1024 }
/** Programs for e-mail post a form there (RFC 8058), of which the address says all. */
const UNREAD_BODIES = ['/v1/notifications/unsubscribe']

export interface HttpAppOptions {
  readonly routers: readonly Router[]
  /** Origins whose pages may call us, e.g. `https://example.org`; none: pages of our own origin alone. */
  readonly allowedOrigins: readonly string[]
  /** How many proxies of ours stand in front and append to X-Forwarded-For. */
  readonly trustedProxies: number
  readonly limits: Limits
  readonly log: Log
  readonly bodyLimitBytes?: number
}

/** The street door: every request passes these stations in this order, every answer in the opposite one. */
export function createHttpApp(options: HttpAppOptions): Koa {
  const app = new Koa()
  app.on('error', (error) => options.log.debug({ error }, 'connection failed'))
  app.use(welcome(options.trustedProxies))
  app.use(accessLog(options.log))
  app.use(problemDoor(options.log))
  app.use(helmet(HELMET))
  app.use(crossOrigin(options.allowedOrigins))
  app.use(limitByAddress(options.limits))
  app.use(jsonBody(options.bodyLimitBytes ?? BODY_LIMIT_BYTES, LARGER_BODIES, UNREAD_BODIES))
  const docs = docsRoutes(options.routers, options.log)
  for (const router of [docs, ...options.routers]) app.use(router.routes())
  app.use(refuse)
  return app
}

const REQUEST_ID = /^[A-Za-z0-9._:-]{1,64}$/

function welcome(trustedProxies: number): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('X-Request-Id')
    const state = doorState(ctx)
    state.requestId = REQUEST_ID.test(given) ? given : randomUUID()
    state.address = addressOf(ctx.get('X-Forwarded-For'), ctx.req.socket.remoteAddress ?? '', trustedProxies)
    ctx.set('X-Request-Id', state.requestId)
    ctx.set('Cache-Control', 'no-store')
    await next()
  }
}

/** One line for each request: no query, no body, no header, because any of these may hold a secret. */
function accessLog(log: Log): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now()
    await next()
    const { requestId, address, actor } = doorState(ctx)
    log.info(
      {
        requestId,
        method: ctx.method,
        path: ctx.path.slice(0, 200),
        status: ctx.status,
        ms: Math.round(performance.now() - startedAt),
        address,
        ...(actor ? { userId: actor.userId } : {}),
      },
      'request',
    )
  }
}

const HELMET: Parameters<typeof helmet>[0] = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      // Not every browser takes 'self' to cover a WebSocket to the page's own host, so it is named.
      connectSrc: [
        "'self'",
        (request) => socketSource('ws', request.headers.host),
        (request) => socketSource('wss', request.headers.host),
      ],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // Whether neighbours on other subdomains speak TLS is not ours to say.
  strictTransportSecurity: { maxAge: 15_552_000, includeSubDomains: false },
}

function socketSource(scheme: string, host: string | undefined): string {
  return host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? `${scheme}://${host}` : "'self'"
}

function crossOrigin(allowedOrigins: readonly string[]): Middleware {
  const allowed = new Set(allowedOrigins)
  return cors({
    origin: (ctx: Context) => {
      const origin = ctx.get('Origin')
      return allowed.has(origin) ? origin : ''
    },
    allowHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Request-Id',
    ],
    exposeHeaders: ['ETag', 'Idempotency-Replayed', 'Location', 'Retry-After', 'X-Request-Id'],
    maxAge: 600,
    keepHeadersOnError: false,
  })
}

interface Layer {
  readonly path: string | RegExp
  readonly methods: readonly string[]
}

/** Reached by what no route has answered: an unknown path, or a known one asked by another method. */
async function refuse(ctx: Context): Promise<void> {
  const layers = (ctx as { matched?: readonly Layer[] }).matched ?? []
  // A route of every path, such as that of files, makes no path a known one.
  const known = layers.filter((layer) => !String(layer.path).includes('*'))
  const methods = [...new Set(known.flatMap((layer) => layer.methods))].sort()
  if (methods.length === 0 || methods.includes(ctx.method)) {
    throw new AppError('missing', 'not-found', 'There is nothing at this address.')
  }
  const allow = methods.join(', ')
  if (ctx.method === 'OPTIONS') {
    ctx.set('Allow', allow)
    ctx.status = 204
    return
  }
  throw new HttpRefusal(405, 'method-not-allowed', `This address answers ${allow} only.`, { Allow: allow })
}
