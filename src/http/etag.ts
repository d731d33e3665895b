import { createHash } from 'node:crypto'
import type { Context } from 'koa'
import { AppError } from '../lib/errors.js'

/** The strong tag of a resource that counts its versions. */
export function versionTag(resource: { readonly id: string; readonly version: number }): string {
  return `"${resource.id}.${resource.version}"`
}

/** The strong tag of an answer that counts no versions: a hash of its JSON. */
export function contentTag(answer: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 27)}"`
}

/** Gives the answer its tag, for a later If-Match. */
export function setTag(ctx: Context, tag: string): void {
  ctx.set('ETag', tag)
  ctx.set('Cache-Control', 'private, no-cache')
}

/** Gives the answer its tag; a GET of which the client already has this very state becomes a 304. */
export function answerTagged(ctx: Context, tag: string): void {
  setTag(ctx, tag)
  const known = ctx.get('If-None-Match')
  const reading = ctx.method === 'GET' || ctx.method === 'HEAD'
  if (reading && ctx.status === 200 && known !== '' && lists(known, tag, true)) {
    ctx.status = 304
    ctx.body = null
  }
}

/**
 * Throws AppError conflict `precondition-failed` (412) when the request carries an If-Match that does not name
 * `tag`, the state in which the resource stands now. Strong comparison (RFC 9110, 13.1.1): a weak tag never fits.
 */
export function requireMatch(ctx: Context, tag: string): void {
  const wanted = ctx.get('If-Match')
  if (wanted === '' || lists(wanted, tag, false)) return
  throw new AppError('conflict', 'precondition-failed', 'It has changed since you read it; read it again.')
}

function lists(header: string, tag: string, weak: boolean): boolean {
  if (header.trim() === '*') return true
  return header.split(',').some((item) => {
    const text = item.trim()
    return text === tag || (weak && text === `W/${tag}`)
  })
}
