import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import Router from '@koa/router'
import type { Log } from '../lib/log.js'
import { version } from '../lib/version.js'
import { describeApi, undescribed } from './openapi.js'
import { answerFile, fileOf, type StaticFile } from './static.js'

const require = createRequire(import.meta.url)
const CSS = 'text/css; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'

/**
 * `/openapi.json`, the document of these routers and of its own, and `/docs`, which shows it with Swagger UI. All of
 * it comes from here, so the pages work without the internet and under the same policy of content as the others.
 */
export function docsRoutes(routers: readonly Router[], log: Log): Router {
  const router = new Router()
  const described = [...routers, router]
  const document = once(async () => {
    const text = JSON.stringify(describeApi(described, version()))
    return fileOf(Buffer.from(text), 'application/json; charset=utf-8')
  })
  const files: ReadonlyMap<string, () => Promise<StaticFile>> = new Map([
    ['swagger-ui.css', once(() => packaged(require.resolve('swagger-ui-dist/swagger-ui.css'), CSS))],
    [
      'swagger-ui-bundle.js',
      once(() => packaged(require.resolve('swagger-ui-dist/swagger-ui-bundle.js'), SCRIPT)),
    ],
    ['start.js', once(async () => fileOf(Buffer.from(START), SCRIPT))],
  ])
  const page = fileOf(Buffer.from(PAGE), 'text/html; charset=utf-8')

  router.get('/openapi.json', async (ctx) => answerFile(ctx, await document()))
  router.get('/docs', (ctx) => answerFile(ctx, page))
  router.get('/docs/:file', async (ctx, next) => {
    const load = files.get(ctx.params.file ?? '')
    if (!load) return next()
    answerFile(ctx, await load())
  })
  const missing = undescribed(described)
  if (missing.length > 0) log.warn({ missing }, 'routes are not in /openapi.json')
  return router
}

/** The same promise for everybody, made when it is asked for first. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null
  return () => {
    made ??= make()
    return made
  }
}

async function packaged(path: string, type: string): Promise<StaticFile> {
  return fileOf(await readFile(path), type)
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harta: the interface</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
})
`
