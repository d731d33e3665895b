import { HartaError } from './errors.js'
import { type Ask, type Http, newKey } from './http.js'
import type { SessionKeeper } from './session.js'

/** A request in the name of who is signed in; resolves to the answer's body. */
export type Request = <T>(
  method: Ask['method'],
  path: string,
  more?: Pick<Ask, 'query' | 'body' | 'ifMatch' | 'key' | 'timeoutMs' | 'repeatable'>,
) => Promise<T>

/** What a whole ledger takes on its way, on a slow line. */
const PATIENCE_MS = 120_000

/** For what is large: the same request with more time for each try. */
export function patient(request: Request): Request {
  return (method, path, more) => request(method, path, { ...more, timeoutMs: PATIENCE_MS })
}

/** Sends with a fresh token; a 401 all the same is answered once by renewing and sending again. */
export function createRequest(http: Http, session: SessionKeeper): Request {
  return async <T>(...[method, path, more]: Parameters<Request>) => {
    const token = await session.token()
    if (token === null) throw new HartaError('signed-out', 'Nobody is signed in.', { status: 401 })
    const ask = { ...more, method, path, token, key: more?.key ?? newKey() }
    return (await http(ask).catch(async (error: unknown) => {
      if (!(error instanceof HartaError) || error.status !== 401) throw error
      return http({ ...ask, token: (await session.renew(token)).accessToken })
    })) as T
  }
}
