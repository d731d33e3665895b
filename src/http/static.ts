import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import Router from '@koa/router'
import type { Context } from 'koa'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
}

export interface StaticFile {
  readonly body: Buffer
  readonly type: string
  readonly tag: string
  /** Whether pages of other origins may load it. */
  readonly forAll: boolean
}

/**
 * Serves built files under their names: the pages of `folder` (`index.html` also as `/`) to our own origin, the
 * `scripts` to pages anywhere. The files are read once, at the start, so a request's path is only ever looked up
 * among names that are there and can lead to no other file.
 */
export async function staticRoutes(folder: string, scripts: readonly string[] = []): Promise<Router> {
  const router = new Router()
  const files = new Map<string, StaticFile>()
  for (const name of await names(folder)) {
    const file = await read(join(folder, name), false)
    if (!file) continue
    files.set(`/${name}`, file)
    if (name === 'index.html') files.set('/', file)
  }
  for (const script of scripts) {
    const file = await read(script, true)
    if (file) files.set(`/${basename(script)}`, file)
  }
  router.get('/{*path}', async (ctx, next) => {
    const file = files.get(ctx.path)
    if (!file) return next()
    answerFile(ctx, file)
  })
  return router
}

export function answerFile(ctx: Context, file: StaticFile): void {
  ctx.set('Content-Type', file.type)
  ctx.set('ETag', file.tag)
  if (file.forAll) ctx.set('Cross-Origin-Resource-Policy', 'cross-origin')
  // A name with a hash of its content, as the build writes it, never stands for another content.
  ctx.set(
    'Cache-Control',
    /-[A-Z0-9]{8}\.\w+$/.test(ctx.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
  )
  if (ctx.get('If-None-Match') === file.tag) ctx.status = 304
  else ctx.body = file.body
}

/** Null when there is no such file, or its kind is not for browsers. */
async function read(path: string, forAll: boolean): Promise<StaticFile | null> {
  const type = TYPES[extname(path)]
  const body = type === undefined ? null : await readFile(path).catch(() => null)
  return type === undefined || body === null ? null : fileOf(body, type, forAll)
}

export function fileOf(body: Buffer, type: string, forAll = false): StaticFile {
  return {
    body,
    type,
    tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    forAll,
  }
}

async function names(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
}
