import type Router from '@koa/router'
import type { Middleware } from 'koa'
import { routeOf, type Trait, traitOf } from './described.js'
import type { Route } from './guard.js'
import {
  FILES,
  FIXED_COMPONENTS,
  HEADERS,
  PARAMETERS,
  problem,
  refusal,
  refusalComponents,
  UNGUARDED,
} from './openapi-fixed.js'
import { type Json, SchemaBook } from './openapi-schemas.js'

/**
 * The document of the interface (OpenAPI 3.1), made of what the routes themselves are made of: the routers tell
 * paths and methods, the guards tell the schemas that check what comes in and what goes out. So the document says
 * what the program does, and a route cannot be changed without it.
 */
interface Place {
  /** As the router has it, `/v1/assets/:id`. */
  readonly path: string
  readonly method: string
  readonly route: Route | undefined
  readonly traits: ReadonlySet<Trait>
}

/** Each route of the routers, in their order. */
function placesOf(routers: readonly Router[]): readonly Place[] {
  return routers.flatMap((router) => {
    const passed = router.stack.filter((layer) => layer.methods.length === 0)
    return router.stack.flatMap((layer) => {
      const path = String(layer.path)
      const before = passed.filter(({ regexp }) => regexp.test(path)).flatMap(({ stack }) => stack)
      const middlewares = [...before, ...layer.stack] as unknown as readonly Middleware[]
      const traits = new Set(middlewares.map(traitOf).filter((trait) => trait !== undefined))
      const route = routeOf(layer.stack.at(-1) as unknown as Middleware)
      return layer.methods
        .filter((method) => method !== 'HEAD')
        .map((method) => ({ path, method: method.toLowerCase(), route, traits }))
    })
  })
}

/** Routes that no document can tell of: they stand behind no guard and are described nowhere. */
export function undescribed(routers: readonly Router[]): readonly string[] {
  return placesOf(routers)
    .filter(
      ({ path, method, route }) => !route && !(UNGUARDED[FILES[path] ?? path] as Json | undefined)?.[method],
    )
    .map(({ path, method }) => `${method.toUpperCase()} ${path}`)
}

export function describeApi(routers: readonly Router[], version: string): Json {
  const book = new SchemaBook()
  const places = placesOf(routers)
  const paths: Record<string, Record<string, unknown>> = {}
  for (const place of places) {
    const path = templateOf(FILES[place.path] ?? place.path)
    const item = paths[path] ?? {}
    paths[path] = item
    if (!place.route) Object.assign(item, UNGUARDED[path])
    else item[place.method] ??= describe(place, place.route, { path, places, book })
  }
  const problemSchema = book.show(problem, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Harta',
      version,
      description:
        'Money, quantities, prices and rates are decimal text, never JSON numbers; instants are ISO 8601 in UTC; ' +
        'calendar dates and months are those of the user’s time zone. What moves live is told over Socket.IO, in ' +
        'the same shapes.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(Object.entries(paths).flatMap(tagsOf))].map((name) => ({ name })),
    paths,
    components: {
      ...FIXED_COMPONENTS,
      responses: refusalComponents(problemSchema),
      schemas: book.components,
    },
  }
}

function tagsOf([, item]: [string, Record<string, unknown>]): readonly string[] {
  return Object.values(item).flatMap((operation) => (operation as { tags?: readonly string[] }).tags ?? [])
}

interface Surroundings {
  readonly path: string
  readonly places: readonly Place[]
  readonly book: SchemaBook
}

function describe(place: Place, route: Route, { path, places, book }: Surroundings): Json {
  const { method, traits } = place
  const tagged = places.some((other) => other.path === place.path && other.route?.etag)
  const conditional = tagged && ['patch', 'put', 'delete'].includes(method)
  const parameters = [
    ...parametersOf(book, route.params, 'path'),
    ...parametersOf(book, route.query, 'query'),
    ...(traits.has('idempotent') ? [PARAMETERS.once] : []),
    ...(conditional ? [PARAMETERS.match] : []),
    ...(method === 'get' && route.etag && !route.isLive ? [PARAMETERS.noneMatch] : []),
  ]
  const statuses = [
    ...(route.body ? [400, 413, 415] : []),
    ...(route.open ? [] : [401]),
    ...(traits.has('role') ? [403] : []),
    ...(route.params ? [404] : []),
    ...(method === 'get' ? [] : [409]),
    ...(conditional ? [412] : []),
    ...[422, 429, 503],
    ...(route.refuses ?? []),
  ]
  return {
    operationId: operationId(method, path),
    summary: route.summary ?? summaryOf(method, path),
    tags: [wordsOf(path)[0] ?? 'pages'],
    ...(route.open ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: true, content: json(book.show(route.body, 'input')) } } : {}),
    responses: {
      ...answersOf(place, route, book),
      ...Object.fromEntries([...new Set(statuses)].map((status) => [status, refusal(status)])),
    },
  }
}

function answersOf({ method, traits }: Place, route: Route, book: SchemaBook): Json {
  const status = route.status ?? (route.answer ? 200 : 204)
  const headers = {
    ...(route.etag ? { ETag: HEADERS.etag } : {}),
    ...(status === 201 ? { Location: HEADERS.location } : {}),
    ...(traits.has('idempotent') ? { 'Idempotency-Replayed': HEADERS.replayed } : {}),
  }
  const answer = {
    description: status === 201 ? 'It is made.' : route.answer ? 'The answer.' : 'It is done.',
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(route.answer
      ? { content: { ...json(book.show(route.answer, 'output')), ...texts(route.alsoAs) } }
      : {}),
  }
  const known = method === 'get' && route.etag && !route.isLive
  return {
    [status]: answer,
    ...(known ? { 304: { description: 'It is as it was.', headers: { ETag: HEADERS.etag } } } : {}),
  }
}

function texts(types: readonly string[] = []): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]))
}

function json(schema: Json): Json {
  return { 'application/json': { schema } }
}

function parametersOf(book: SchemaBook, schema: Route['query'], place: 'path' | 'query'): readonly Json[] {
  if (!schema) return []
  const shown = book.show(schema, 'input') as {
    properties?: Record<string, Json>
    required?: readonly string[]
  }
  return Object.entries(shown.properties ?? {}).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || (shown.required ?? []).includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

/** `/v1/assets/:id` -> `/v1/assets/{id}` */
function templateOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}')
}

/** The words of a path, without the version in front. */
function wordsOf(path: string): readonly string[] {
  return path.split('/').filter((word) => word !== '' && word !== 'v1')
}

/** `get`, `/v1/assets/{id}/activities` -> `getAssetsByIdActivities` */
function operationId(method: string, path: string): string {
  const parts = wordsOf(path).map((word) => {
    const param = word.startsWith('{')
    const name = word.replace(/[^A-Za-z0-9]+/g, '')
    return `${param ? 'By' : ''}${name.charAt(0).toUpperCase()}${name.slice(1)}`
  })
  return method + parts.join('')
}

const VERBS: Readonly<Record<string, string>> = {
  get: 'Read',
  post: 'Add to',
  put: 'Set',
  patch: 'Change',
  delete: 'Remove',
}

/** `delete`, `/v1/assets/{id}/activities/{activityId}` -> `Remove one of the activities of an asset` */
function summaryOf(method: string, path: string): string {
  const words = wordsOf(path)
  const one = words.at(-1)?.startsWith('{') ? 'one of ' : ''
  const [name = '', within] = words.filter((word) => !word.startsWith('{')).reverse()
  return `${VERBS[method] ?? method} ${one}the ${name}${within === undefined ? '' : ` of ${oneOf(within)}`}`
}

/** `categories` -> `a category` */
function oneOf(plural: string): string {
  const name = plural.replace(/ies$/, 'y').replace(/s$/, '')
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}
