import { Agent, request } from 'node:http'
import { person } from './population.js'

/** A request of one of the benchmarks' people; `number` is his in population.ts. */
export interface Asked {
  readonly number: number
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

/** Ms from the question to the last byte of its answer; throws when that is a refusal. */
export type Ask = (asked: Asked) => Promise<number>

/**
 * Asks a server that trusts one proxy. Everybody has an address of his own, as people have, so that what one address
 * may ask in a minute is no bound on all of them together.
 */
export function asker(url: string, tokens: readonly string[]): { readonly ask: Ask; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ask: Ask = ({ number, method = 'GET', path, body }) =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const text = body === undefined ? undefined : JSON.stringify(body)
      const headers = {
        Authorization: `Bearer ${tokens[number] ?? ''}`,
        'X-Forwarded-For': `10.0.${number >> 8}.${number & 255}`,
        ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
      }
      const asking = request(`${url}${path}`, { agent, method, headers }, (answer) => {
        let told = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          told += chunk
        })
        answer.once('error', reject)
        answer.once('end', () => {
          const { statusCode = 0 } = answer
          if (statusCode < 300) resolve(performance.now() - began)
          else reject(new Error(`${method} ${path} of ${person(number).userId}: ${statusCode} ${told}`))
        })
      })
      asking.once('error', reject)
      asking.end(text)
    })
  return { ask, close: () => agent.destroy() }
}

/** Ms of so many questions, one after the other; of fewer when it is `over` before. */
export async function inTurn(
  times: number,
  ask: (nth: number) => Promise<number>,
  over: () => boolean = () => false,
): Promise<readonly number[]> {
  const taken: number[] = []
  for (let nth = 0; nth < times && !over(); nth += 1) taken.push(await ask(nth))
  return taken
}

/**
 * Asks at a fixed rate, whether the answers come or not, until `ends` is over. Hands back the ms from when a
 * question was due, so that one that waits for its turn counts with its waiting.
 */
export async function atRate(
  perSecond: number,
  ask: (nth: number) => Promise<number>,
  ends: Promise<unknown>,
): Promise<readonly number[]> {
  const began = performance.now()
  const taken: Promise<number>[] = []
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1000)
    while (taken.length < due) {
      const dueAt = began + ((taken.length + 1) * 1000) / perSecond
      taken.push(ask(taken.length).then(() => performance.now() - dueAt))
    }
  }, 5)
  try {
    await ends
  } finally {
    clearInterval(timer)
  }
  return Promise.all(taken)
}
