import { createHttp } from '../src/http.js'
import type { HartaClient } from '../src/index.js'
import { HartaError } from '../src/index.js'

const POLL_MS = 2_000
const TIMEOUT_MS = 10_000

/** A GET in the name of who is signed in, once more with a fresh token when the old one has ended. */
export function adminAsk(harta: HartaClient): <T>(path: string) => Promise<T> {
  const http = createHttp({
    url: harta.url,
    fetch: (...call) => fetch(...call),
    timeoutMs: TIMEOUT_MS,
    retries: 0,
    random: Math.random,
  })
  const token = (): string | null => harta.auth.store.getSnapshot()?.accessToken ?? null
  return async <T>(path: string) => {
    const used = token()
    const ask = async (): Promise<T> => (await http({ method: 'GET', path, token: token() })) as T
    return ask().catch(async (error: unknown) => {
      if (!(error instanceof HartaError) || error.status !== 401) throw error
      if (token() === used) await harta.auth.refresh()
      return ask()
    })
  }
}

/** Asks again two seconds after each answer, as long as the page can be seen; answers how to stop. */
export function poll<T>(options: {
  readonly ask: () => Promise<T>
  readonly heard: (answer: T) => void
  readonly failed: (error: unknown) => void
}): () => void {
  let timer = 0
  let isAsking = false
  let isStopped = false
  const turn = async (): Promise<void> => {
    clearTimeout(timer)
    if (isAsking || isStopped || document.hidden) return
    isAsking = true
    const tell = await options.ask().then(
      (answer) => () => options.heard(answer),
      (error: unknown) => () => options.failed(error),
    )
    isAsking = false
    if (isStopped) return
    timer = window.setTimeout(() => void turn(), POLL_MS)
    tell()
  }
  const seen = (): void => void turn()
  document.addEventListener('visibilitychange', seen)
  seen()
  return () => {
    isStopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  }
}
