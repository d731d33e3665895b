import { z } from 'zod'
import type { Json } from './openapi-schemas.js'

/** What the document says of every route alike, and of the few routes that stand behind no guard. */

export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable: what a program goes by.' }),
    instance: z.string().optional(),
    requestId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string().meta({ description: 'RFC 6901' }), detail: z.string() }))
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' })

/** Component of each refusal, by its status. */
const REFUSALS: Readonly<Record<number, { readonly name: string; readonly description: string }>> = {
  400: { name: 'Malformed', description: 'The body is not JSON.' },
  401: {
    name: 'Unauthenticated',
    description: 'There is no session, or what was shown for one is not good.',
  },
  403: { name: 'Forbidden', description: 'This is not yours to do.' },
  404: { name: 'NotFound', description: 'There is no such thing, or it is somebody else’s.' },
  409: { name: 'Conflict', description: 'It does not go together with what is there already.' },
  412: { name: 'PreconditionFailed', description: 'It has changed since the state that If-Match names.' },
  413: { name: 'TooLarge', description: 'The body is too large.' },
  415: { name: 'UnsupportedMediaType', description: 'The body is not of a type that is read here.' },
  422: { name: 'Invalid', description: 'Some of what was sent cannot be accepted; `errors` points at it.' },
  429: { name: 'Limited', description: 'Too many requests.' },
  503: { name: 'Unavailable', description: 'Something that it needs cannot be reached now.' },
}

const reference = (kind: string, name: string): Json => ({ $ref: `#/components/${kind}/${name}` })

export function refusal(status: number): Json {
  const { name } = REFUSALS[status] ?? {}
  if (name === undefined) throw new RangeError(`no refusal has the status ${status}`)
  return reference('responses', name)
}

/** Responses of all refusals; `schema` is the problem's. */
export function refusalComponents(schema: Json): Json {
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, { name, description }]) => [
      name,
      {
        description,
        ...(headersOf(Number(status)) ? { headers: headersOf(Number(status)) } : {}),
        content: { 'application/problem+json': { schema } },
      },
    ]),
  )
}

function headersOf(status: number): Json | null {
  if (status === 429) return { 'Retry-After': reference('headers', 'RetryAfter') }
  if (status === 401) return { 'WWW-Authenticate': reference('headers', 'Challenge') }
  return null
}

export const HEADERS: Readonly<Record<'etag' | 'replayed' | 'location', Json>> = {
  etag: reference('headers', 'ETag'),
  replayed: reference('headers', 'IdempotencyReplayed'),
  location: reference('headers', 'Location'),
}

export const PARAMETERS: Readonly<Record<'once' | 'match' | 'noneMatch', Json>> = {
  once: reference('parameters', 'IdempotencyKey'),
  match: reference('parameters', 'IfMatch'),
  noneMatch: reference('parameters', 'IfNoneMatch'),
}

const text: Json = { type: 'string' }
const header = (description: string, required = false): Json => ({ description, required, schema: text })
const asked = (name: string, description: string, schema: Json = text): Json => ({
  name,
  in: 'header',
  description,
  schema,
})

export const FIXED_COMPONENTS: Json = {
  securitySchemes: {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: '`accessToken` of /v1/auth/register, /v1/auth/login or /v1/auth/refresh.',
    },
  },
  headers: {
    ETag: header('The strong tag of this state, for If-Match and If-None-Match.', true),
    Location: header('The address of what was made, where it has one of its own.'),
    IdempotencyReplayed: header('`true` when this is the answer to an earlier request with the same key.'),
    RetryAfter: header('Seconds to wait.', true),
    Challenge: header('RFC 6750.', true),
  },
  parameters: {
    IdempotencyKey: asked(
      'Idempotency-Key',
      'Whoever repeats a request with the same key within 24 hours is given the first answer again.',
      { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    ),
    IfMatch: asked('If-Match', 'Tag of the state that is meant; 412 when it is not the newest one.'),
    IfNoneMatch: asked('If-None-Match', 'Tag of the state that is known; 304 when it is the newest one.'),
  },
}

const page = (summary: string, operationId: string): Json => ({
  get: {
    operationId,
    summary,
    tags: ['pages'],
    security: [],
    responses: { 200: { description: 'The page.', content: { 'text/html': { schema: text } } } },
  },
})

const told = (
  tag: string,
  operationId: string,
  summary: string,
  responses: Readonly<Record<number, Json | null>>,
) => ({
  get: {
    operationId,
    summary,
    tags: [tag],
    security: [],
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, schema]) => [
        status,
        schema === null
          ? { description: 'There is none.' }
          : { description: 'The answer.', content: { 'application/json': { schema } } },
      ]),
    ),
  },
})

const object = (properties: Json): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
})

const readiness = object({
  status: { type: 'string', enum: ['ready', 'unready', 'draining'] },
  checks: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { ok: { type: 'boolean' }, info: {}, reason: text },
      required: ['ok'],
      additionalProperties: false,
    },
  },
})

/** Routes behind no guard. A path with a star stands for many files, of which the page that loads them is described. */
export const UNGUARDED: Readonly<Record<string, Json>> = {
  '/livez': told('health', 'getLivez', 'Whether the process is alive', {
    200: object({ status: { const: 'ok' } }),
  }),
  '/readyz': told('health', 'getReadyz', 'Whether the process can do its work', {
    200: readiness,
    503: readiness,
  }),
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      summary: 'Figures for Prometheus',
      tags: ['health'],
      security: [],
      responses: { 200: { description: 'The figures.', content: { 'text/plain': { schema: text } } } },
    },
  },
  '/demo.json': told('pages', 'getDemo', 'The account of the demo, on a server that is one', {
    200: object({ email: text, password: text }),
    204: null,
  }),
  '/openapi.json': told('pages', 'getOpenapi', 'This document', { 200: { type: 'object' } }),
  '/docs': page('This document as pages', 'getDocs'),
  '/': page('The dashboard', 'getDashboard'),
}

/** The described page to which a path of many files belongs. */
export const FILES: Readonly<Record<string, string>> = { '/{*path}': '/', '/docs/:file': '/docs' }
