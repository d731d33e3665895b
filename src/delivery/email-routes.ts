import { createHash } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { guard } from '../http/guard.js'
import type { Confirmations, LinkState } from './confirmation.js'
import { escaped } from './email-page.js'
import { page, sentConfirmation, tokenQuery, tried, tryAsk } from './email-schema.js'
import type { StopEmail } from './email-settings.js'
import { type ConfirmationWords, confirmationWords, stopWords } from './email-words.js'
import { CONFIRM, UNSUBSCRIBE } from './links.js'
import type { TryChannel } from './trial.js'

/** Of pages that whoever follows a link need not be signed in for. */
const open = { query: tokenQuery, answer: page, alsoAs: ['text/html'], open: true } as const

/**
 * What an e-mail's link leads to. Programs that look at links before a person does change nothing: a page asks, and
 * its button, or that of a program for e-mail (RFC 8058), posts to the same address.
 */
export function stopEmailRoutes(stop: StopEmail): Router {
  const router = new Router()
  router.get(
    UNSUBSCRIBE,
    guard({ ...open, summary: 'A page that asks whether to stop e-mails' }, async ({ query, ctx }) => {
      const words = stopWords(languageOf(ctx))
      return answer(ctx, words, words.ask, { button: words.button, token: query.token })
    }),
  )
  router.post(
    UNSUBSCRIBE,
    guard({ ...open, summary: 'Stop e-mails' }, async ({ query, ctx }) => {
      await stop(query.token)
      const words = stopWords(languageOf(ctx))
      return answer(ctx, words, words.done)
    }),
  )
  return router
}

/** Asking for the link that confirms an address, and the page behind it, which does nothing until its button is pressed. */
export function confirmationRoutes(
  confirmations: Confirmations,
  { signedIn, once }: { readonly signedIn: Middleware; readonly once: Middleware },
): Router {
  const router = new Router()
  router.post(
    '/v1/notifications/email/confirmation',
    signedIn,
    once,
    guard(
      {
        answer: sentConfirmation,
        status: 202,
        summary: 'Have the link sent that confirms the e-mail address',
      },
      ({ actor }) => confirmations.send(actor.userId),
    ),
  )
  router.get(
    CONFIRM,
    guard({ ...open, summary: 'A page that asks whether to confirm an e-mail address' }, async (asked) =>
      show(asked.ctx, await confirmations.look(asked.query.token), asked.query.token),
    ),
  )
  router.post(
    CONFIRM,
    guard({ ...open, summary: 'Confirm an e-mail address' }, async ({ query, ctx }) =>
      show(ctx, await confirmations.confirm(query.token), query.token),
    ),
  )
  return router
}

function show(ctx: Context, state: LinkState, token: string): string {
  const words = confirmationWords(languageOf(ctx))
  const button = state.kind === 'ask' ? { button: words.button, token } : null
  return answer(ctx, words, sentenceOf(words, state), button)
}

function sentenceOf({ page }: ConfirmationWords, state: LinkState): string {
  return state.kind === 'ask' || state.kind === 'done' ? page[state.kind](state.address) : page[state.kind]
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

function languageOf(ctx: Context): string {
  return ctx.acceptsLanguages('en', 'id') || 'en'
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.25rem;overflow-wrap:anywhere;' +
  'color-scheme:light dark}' +
  'button{font:inherit;font-weight:600;padding:.75rem 1.25rem;border:0;border-radius:.5rem;background:#0b6b50;color:#fff}'
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** A page of one sentence, and of a button that posts the token to the address of the page itself. */
function answer(
  ctx: Context,
  { tag, title }: { readonly tag: string; readonly title: string },
  sentence: string,
  ask: { readonly button: string; readonly token: string } | null = null,
): string {
  ctx.set('Content-Type', 'text/html; charset=utf-8')
  ctx.set('Content-Language', tag)
  ctx.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  )
  const action = ask && escaped(`?token=${encodeURIComponent(ask.token)}`)
  const form = ask
    ? `<form method="post" action="${action}"><button>${escaped(ask.button)}</button></form>`
    : ''
  return `<!doctype html>
<html lang="${tag}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
<p>${escaped(sentence)}</p>
${form}
</body></html>
`
}
