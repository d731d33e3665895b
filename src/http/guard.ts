import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import { AppError } from '../lib/errors.js'
import { type Actor, doorState } from './context.js'
import { rememberRoute } from './described.js'
import { answerTagged, setTag } from './etag.js'
import { type FieldError, fieldErrors, type Path, pointerTo, sentenceOf } from './mistakes.js'

/**
 * What comes in through a route and what goes out of it. A handler sees only values that passed its schemas;
 * an answer leaves only through its schema, so that a field which it does not name stays inside.
 */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  A extends z.ZodType = z.ZodType,
  Open extends boolean = boolean,
> {
  /** A path whose parameters do not fit names nothing that exists: 404. */
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer?: A
  /** 200, or 204 without `answer`, unless told. */
  readonly status?: number
  /** The answer's strong tag, from its own content; a GET then knows If-None-Match. */
  readonly etag?: (answer: z.output<A>) => string
  /** Whether the answer moves while its tag stays, which is of what is stored: it is then told to every GET. */
  readonly isLive?: boolean
  /** True for a route that may be asked without a session; every other one refuses to run without an actor. */
  readonly open?: Open
  /** What it does, in a few words for /openapi.json; derived from its address unless told. */
  readonly summary?: string
  /** Other types than JSON in which it may answer, as text. */
  readonly alsoAs?: readonly string[]
  /** Statuses with which its handler refuses, beyond those that follow from the rest; for /openapi.json too. */
  readonly refuses?: readonly number[]
}

export interface Asked<P, Q, B, Open extends boolean> {
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly actor: Open extends true ? null : Actor
  readonly ctx: Context
}

type Nothing = z.ZodType<Record<string, never>>

export function guard<
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
  A extends z.ZodType = z.ZodType<undefined>,
  Open extends boolean = false,
>(
  route: Route<P, Q, B, A, Open>,
  handle: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>, Open>) => Promise<z.input<A>>,
): Middleware {
  const params = strict(route.params)
  const query = strict(route.query)
  const body = strict(route.body)
  const status = route.status ?? (route.answer ? 200 : 204)
  const answering: Middleware = async (ctx) => {
    const actor = doorState(ctx).actor ?? null
    if (!route.open && actor === null) {
      throw new AppError('unauthenticated', 'unauthenticated', 'Sign in first.')
    }
    const answer = await handle({
      params: readParams(params, ctx.params),
      query: readInput(query, { ...ctx.query }),
      body: readInput(body, ctx.request.body ?? {}),
      actor: actor as Open extends true ? null : Actor,
      ctx,
    } as Asked<z.output<P>, z.output<Q>, z.output<B>, Open>)
    ctx.status = status
    if (!route.answer) return
    const clean = route.answer.parse(answer)
    ctx.body = clean
    if (route.etag) (route.isLive ? setTag : answerTagged)(ctx, route.etag(clean))
  }
  return rememberRoute(answering, route as unknown as Route)
}

const NOTHING = z.strictObject({})

function strict(schema: z.ZodType | undefined): z.ZodType {
  if (schema === undefined) return NOTHING
  return schema instanceof z.ZodObject ? schema.strict() : schema
}

function readParams(schema: z.ZodType, input: unknown): unknown {
  if (unstorable(input).length > 0) throw notFound()
  const read = schema.safeParse({ ...(input as Record<string, unknown> | undefined) })
  if (!read.success) throw notFound()
  return read.data
}

function notFound(): AppError {
  return new AppError('missing', 'not-found', 'There is nothing at this address.')
}

/** The value as the schema makes it; throws AppError invalid with a pointer to each mistake. */
export function readInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const hostile = unstorable(input)
  if (hostile.length > 0) {
    const detail = 'must not contain NUL characters or unpaired surrogates'
    throw invalid(hostile.map((path) => ({ pointer: pointerTo(path), detail })))
  }
  const read = schema.safeParse(input, { error: sentenceOf })
  if (read.success) return read.data
  throw invalid(fieldErrors(read.error.issues))
}

const MAX_ERRORS = 50

function invalid(errors: readonly FieldError[]): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: errors.slice(0, MAX_ERRORS),
  })
}

const UNSTORABLE = /[\0\p{Cs}]/u

/** A value inside of what was sent, and how it was reached; null stands for the whole. */
interface Place {
  readonly value: unknown
  readonly key: string
  readonly within: Place | null
}

/**
 * Paths of the strings and keys that PostgreSQL cannot store as text. Walks without recursion, and a path is put
 * together only when it is told: a body may be half a million levels deep.
 */
function unstorable(input: unknown): Path[] {
  const found: Path[] = []
  const open: Place[] = [{ value: input, key: '', within: null }]
  for (let place = open.pop(); place !== undefined && found.length < MAX_ERRORS; place = open.pop()) {
    const { value } = place
    if (typeof value === 'string') {
      if (UNSTORABLE.test(value)) found.push(pathOf(place))
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        if (UNSTORABLE.test(key)) found.push(pathOf(place))
        else if (typeof inner === 'string' || typeof inner === 'object')
          open.push({ value: inner, key, within: place })
      }
    }
  }
  return found
}

const LONGEST_PATH = 20

/** The first keys on the way there; what lies deeper is named by these alone. */
function pathOf(place: Place): Path {
  const keys: string[] = []
  for (let at = place; at.within !== null; at = at.within) keys.push(at.key)
  return keys.reverse().slice(0, LONGEST_PATH)
}
