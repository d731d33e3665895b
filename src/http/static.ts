import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import Router from '@koa/router'

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

/**
 * Serves a folder of built files under their names, `index.html` also as `/`. The files are read once, at the
 * start, so a request's path is only ever looked up among names that are there and can lead to no other file.
 */
export async function staticRoutes(folder: string): Promise<Router> {
  const router = new Router()
  const files = new Map<string, { body: Buffer; type: string; tag: string }>()
  for (const name of await names(folder)) {
    const body = await readFile(join(folder, name))
    const type = TYPES[extname(name)]
    if (type === undefined) continue
    const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
    files.set(`/${name}`, { body, type, tag })
    if (name === 'index.html') files.set('/', { body, type, tag })
  }
  router.get('/{*path}', async (ctx, next) => {
    const file = files.get(ctx.path)
    if (!file) return next()
    ctx.set('Content-Type', file.type)
    ctx.set('ETag', file.tag)
    // A name with a hash of its content never stands for another content.
    ctx.set(
      'Cache-Control',
      /-[A-Za-z0-9_-]{8,}\.\w+$/.test(ctx.path) ? 'public, max-age=31536000, immutable' : 'no-cache',
    )
    if (ctx.get('If-None-Match') === file.tag) ctx.status = 304
    else ctx.body = file.body
  })
  return router
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
