import { HartaError } from './errors.js'
import { type Ask, type Http, newKey } from './http.js'
import type { SessionKeeper } from './session.js'

/** A request in the name of who is signed in. */
export type Request = <T>(ask: Omit<Ask, 'token' | 'key'>) => Promise<{ body: T; etag: string | null }>

/** Sends with a fresh token; a 401 all the same is answered once by renewing and sending again. */
export function createRequest(http: Http, session: SessionKeeper): Request {
  return async <T>(ask: Omit<Ask, 'token' | 'key'>) => {
    const token = await session.token()
    if (token === null) throw new HartaError('signed-out', 'Nobody is signed in.', { status: 401 })
    const keyed = ask.method === 'POST' ? { ...ask, key: newKey() } : ask
    const answer = await http({ ...keyed, token }).catch(async (error: unknown) => {
      if (!(error instanceof HartaError) || error.status !== 401) throw error
      const { accessToken } = await session.renew(token)
      return http({ ...keyed, token: accessToken })
    })
    return { body: answer.body as T, etag: answer.etag }
  }
}
