import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import { AppError } from '../lib/errors.js'
import { HttpRefusal } from './problem.js'

const JSON_TYPES = ['application/json', 'application/*+json']
const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Reads a JSON body of at most `limitBytes`, counted after inflation; to an address of `larger`, which takes whole
 * files, of at most as many as that says. Any other type of body is refused: a
 * browser can send JSON to a foreign origin only after a preflight, which is what keeps foreign pages out. At the
 * addresses of `unread` bodies of any type are let past and never read.
 */
export function jsonBody(
  limitBytes: number,
  larger: Readonly<Record<string, number>> = {},
  unread: readonly string[] = [],
): Middleware {
  const usual = reader(limitBytes)
  const readers = new Map(Object.entries(larger).map(([path, bytes]) => [path, reader(bytes)]))
  return (ctx, next) => {
    if (unread.includes(ctx.path)) {
      ctx.req.resume()
      return next()
    }
    if (METHODS.includes(ctx.method) && hasBody(ctx) && !ctx.is(JSON_TYPES)) {
      ctx.req.resume()
      throw new HttpRefusal(
        415,
        'unsupported-media-type',
        'A body must be JSON (Content-Type: application/json).',
      )
    }
    return (readers.get(ctx.path) ?? usual)(ctx, next)
  }
}

function reader(limitBytes: number): Middleware {
  return bodyParser({
    parsedMethods: METHODS,
    enableTypes: ['json'],
    extendTypes: { json: JSON_TYPES },
    jsonLimit: `${limitBytes}b`,
    onError: (error, ctx) => {
      // What was not read would otherwise block the connection's next request.
      ctx.req.unpipe()
      ctx.req.resume()
      throw refusal(error, limitBytes)
    },
  })
}

function hasBody(ctx: Context): boolean {
  return ctx.get('Transfer-Encoding') !== '' || (ctx.request.length ?? 0) > 0
}

function refusal(error: unknown, limitBytes: number): Error {
  const status = (error as { status?: unknown }).status
  if (status === 413)
    return new HttpRefusal(413, 'body-too-large', `A body may have ${limitBytes} bytes at most.`)
  if (status === 415)
    return new HttpRefusal(415, 'unsupported-encoding', 'This Content-Encoding is not understood.')
  return new AppError('invalid', 'malformed-json', 'The body is not well-formed JSON.')
}
