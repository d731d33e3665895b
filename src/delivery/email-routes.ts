import { createHash } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { guard } from '../http/guard.js'
import { escaped } from './email-page.js'
import type { StopEmail } from './email-settings.js'
import { type StopWords, stopWords } from './email-words.js'
import { page, tried, tryAsk, unsubscribeQuery } from './push-schema.js'
import type { TryChannel } from './trial.js'

const STOP = '/v1/notifications/unsubscribe'

/**
 * What an e-mail's link leads to. Programs that look at links before a person does change nothing: a page asks, and
 * its button, or that of a program for e-mail (RFC 8058), posts to the same address.
 */
export function stopEmailRoutes(stop: StopEmail): Router {
  const router = new Router()
  const open = { query: unsubscribeQuery, answer: page, alsoAs: ['text/html'], open: true } as const
  router.get(
    STOP,
    guard({ ...open, summary: 'A page that asks whether to stop e-mails' }, async ({ query, ctx }) => {
      const words = wordsFor(ctx)
      const action = `?token=${encodeURIComponent(query.token)}`
      return answer(
        ctx,
        words,
        `<p>${escaped(words.ask)}</p>
<form method="post" action="${escaped(action)}"><button>${escaped(words.button)}</button></form>`,
      )
    }),
  )
  router.post(
    STOP,
    guard({ ...open, summary: 'Stop e-mails' }, async ({ query, ctx }) => {
      await stop(query.token)
      const words = wordsFor(ctx)
      return answer(ctx, words, `<p>${escaped(words.done)}</p>`)
    }),
  )
  return router
}

/** `admit` throws when a user has tried too often. */
export function tryRoutes(
  tryChannel: TryChannel,
  {
    signedIn,
    once,
    admit,
  }: {
    readonly signedIn: Middleware
    readonly once: Middleware
    readonly admit: (userId: string) => Promise<void>
  },
): Router {
  const router = new Router()
  router.post(
    '/v1/notifications/try',
    signedIn,
    once,
    guard(
      { body: tryAsk, answer: tried, summary: 'Send a test to oneself by one way' },
      async ({ body, actor }) => {
        await admit(actor.userId)
        return tryChannel(actor.userId, body.channel)
      },
    ),
  )
  return router
}

function wordsFor(ctx: Context): StopWords {
  return stopWords(ctx.acceptsLanguages('en', 'id') || 'en')
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.25rem;color-scheme:light dark}' +
  'button{font:inherit;font-weight:600;padding:.75rem 1.25rem;border:0;border-radius:.5rem;background:#0b6b50;color:#fff}'
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

function answer(ctx: Context, words: StopWords, content: string): string {
  ctx.set('Content-Type', 'text/html; charset=utf-8')
  ctx.set('Content-Language', words.tag)
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  )
  return `<!doctype html>
<html lang="${words.tag}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escaped(words.title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(words.title)}</h1>
${content}
</body></html>
`
}
