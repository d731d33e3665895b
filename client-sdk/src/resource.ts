import type { Page } from '../../src/protocol/resources.js'
import type { Request } from './request.js'

/**
 * The one shape that everything kept at the server has here: a list that is read entry by entry or page by page,
 * and what can be done with one entry. Whoever gives an entry back to `update` or `remove` names the version
 * that he saw, and the server refuses (412) when somebody changed it meanwhile; a bare id acts whatever happened.
 */
export interface Listing<T, P extends Page<T> = Page<T>> extends AsyncIterable<T> {
  /** One page: the first, or the one that `nextCursor` of the page before names. */
  page(cursor?: string | null): Promise<P>
}

/** An entry with the version that was seen, or its id alone. */
export type Target = string | { readonly id: string; readonly version: number }

export interface PageSize {
  /** How many entries one request brings, 100 at most. */
  readonly pageSize?: number
}

export interface CreateOptions {
  /** Makes a repetition after a reload happen once as well; each call draws its own otherwise. */
  readonly idempotencyKey?: string
}

/** `T` is what it holds, `New` what makes one, `Change` what changes one, `Filter` what its list can be asked for. */
export interface Collection<T, New, Change = Partial<New>, Filter = unknown> {
  list(query?: Filter & PageSize): Listing<T>
  get(id: string): Promise<T>
  /** Happens once, however often the request has to be sent. */
  create(entry: New, options?: CreateOptions): Promise<T>
  update(target: Target, change: Change): Promise<T>
  remove(target: Target): Promise<void>
}

export function collection<T, New, Change = Partial<New>, Filter = unknown>(
  request: Request,
  path: string,
): Collection<T, New, Change, Filter> {
  const send = <A>(method: 'PATCH' | 'DELETE', target: Target, body?: unknown): Promise<A> =>
    typeof target === 'string'
      ? request(method, at(path, target), { body })
      : request(method, at(path, target.id), { body, ifMatch: `"${target.id}.${target.version}"` })
  return {
    list: (query) => listing(request, path, query),
    get: (id) => request('GET', at(path, id)),
    create: (body, options) => request('POST', path, { body, key: options?.idempotencyKey }),
    update: (target, change) => send('PATCH', target, change),
    remove: (target) => send('DELETE', target),
  }
}

export function listing<T, P extends Page<T> = Page<T>>(
  request: Request,
  path: string,
  { pageSize, ...filter }: PageSize & object = {},
): Listing<T, P> {
  const page = (cursor?: string | null): Promise<P> =>
    request('GET', path, { query: { ...filter, limit: pageSize, cursor } })
  return {
    page,
    async *[Symbol.asyncIterator]() {
      let cursor: string | null = null
      do {
        const { data, nextCursor }: P = await page(cursor)
        yield* data
        cursor = nextCursor
      } while (cursor !== null)
    },
  }
}

export function at(path: string, id: string): string {
  return `${path}/${encodeURIComponent(id)}`
}
