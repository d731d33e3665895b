import type { Flow } from '../../src/protocol/flows.js'
import type { Activity, Asset, Page } from '../../src/protocol/resources.js'
import { send } from './people.js'

/**
 * Many writers on one account at once, whose server may die under them. Each write has a key of its own and is
 * sent again, with the same key, until somebody has answered it; what was answered is remembered, to be held
 * against what is stored in the end.
 */
export interface RestlessWriters {
  /** Writes that were answered. */
  readonly acknowledged: () => number
  /** Resolves when every writer has had the answer to its last write. */
  stop(): Promise<readonly Write[]>
}

/** An account may ask 1,200 times a minute. */
const MOST_TURNS = 14

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

type Kind = 'DEPOSIT' | 'WITHDRAWAL' | 'BUY' | 'EXPENSE' | 'ASSET'

export interface Write {
  readonly key: string
  readonly kind: Kind
  /** In hundredths; what the account gains by it, or what an asset of its own begins with. */
  readonly cents: bigint
}

interface Books {
  readonly account: Asset
  readonly shares: Asset
}

export function startWriters(options: {
  readonly url: () => string
  readonly token: () => string
  readonly books: Books
  readonly writers: number
}): RestlessWriters {
  const done: Write[] = []
  let stopped = false

  async function writer(number: number): Promise<void> {
    for (let turn = 0; !stopped && turn < MOST_TURNS; turn += 1) {
      const write = writeOf(number, turn)
      await untilAnswered(write)
      done.push(write)
      await pause(150)
    }
  }

  async function untilAnswered(write: Write): Promise<void> {
    const { path, body } = requestOf(write, options.books)
    for (;;) {
      const headers = { Authorization: `Bearer ${options.token()}`, 'Idempotency-Key': write.key }
      const answer = await send<{ code?: string }>(options.url(), 'POST', path, body, headers).catch(
        () => null,
      )
      if (answer?.status === 201) return
      // Carried out before the server died: its answer is gone, what it did is not.
      if (answer?.body?.code === 'idempotency-answer-lost') return
      const again = answer === null || answer.status === 429 || answer.status >= 500
      if (!again && answer.body?.code !== 'idempotency-key-in-use')
        throw new Error(`${write.kind}: ${answer.status} ${JSON.stringify(answer.body)}`)
      await pause(50)
    }
  }

  const writers = Array.from({ length: options.writers }, (_, number) => writer(number))
  for (const one of writers) one.catch(() => {})
  return {
    acknowledged: () => done.length,
    stop: async () => {
      stopped = true
      await Promise.all(writers)
      return done
    },
  }
}

const KINDS: readonly Kind[] = ['DEPOSIT', 'WITHDRAWAL', 'BUY', 'EXPENSE', 'ASSET']

function writeOf(number: number, turn: number): Write {
  const kind = KINDS[(number + turn) % KINDS.length] ?? 'DEPOSIT'
  const amount = BigInt(100 + ((number * 37 + turn * 13) % 9_900))
  return {
    key: `writer-${number}-${turn}`,
    kind,
    cents: kind === 'DEPOSIT' || kind === 'ASSET' ? amount * 3n : -amount,
  }
}

function requestOf({ key, kind, cents }: Write, { account, shares }: Books) {
  const amount = money(cents < 0n ? -cents : cents)
  const date = `2024-0${1 + (key.length % 9)}-${String(1 + (Number(cents < 0n ? -cents : cents) % 28)).padStart(2, '0')}`
  if (kind === 'EXPENSE') {
    return { path: '/v1/expenses', body: { amount, date, assetId: account.id, note: key } }
  }
  if (kind === 'ASSET') {
    return { path: '/v1/assets', body: { type: 'CASH', name: key, quantity: amount } }
  }
  if (kind === 'BUY') {
    const body = { type: kind, date, quantity: '1', unitPrice: amount, accountId: account.id, note: key }
    return { path: `/v1/assets/${shares.id}/activities`, body }
  }
  return { path: `/v1/assets/${account.id}/activities`, body: { type: kind, date, amount, note: key } }
}

/** What is stored of the writes, by their keys; fails when one is there twice. */
export async function storedKeys(
  url: string,
  token: string,
  { account, shares }: Books,
): Promise<ReadonlySet<string>> {
  const others = (await all<Asset>(url, token, '/v1/assets')).filter(
    ({ id }) => id !== account.id && id !== shares.id,
  )
  const notes = [
    ...others.map(({ name }) => name),
    ...(await all<Flow>(url, token, '/v1/expenses')).map(({ note }) => note),
    ...(await all<Activity>(url, token, `/v1/assets/${account.id}/activities`))
      .filter(({ cause }) => cause === null)
      .map(({ note }) => note),
    ...(await all<Activity>(url, token, `/v1/assets/${shares.id}/activities`)).map(({ note }) => note),
  ].filter((note) => note !== null)
  const keys = new Set(notes)
  if (keys.size !== notes.length) throw new Error('something was written twice')
  return keys
}

export async function all<T>(url: string, token: string, path: string): Promise<readonly T[]> {
  const found: T[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '?limit=100' : `?limit=100&cursor=${cursor}`
    const answer = await send<Page<T>>(url, 'GET', path + query, undefined, {
      Authorization: `Bearer ${token}`,
    })
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`)
    found.push(...answer.body.data)
    cursor = answer.body.nextCursor
  } while (cursor !== null)
  return found
}

export function money(cents: bigint): string {
  const sign = cents < 0n ? '-' : ''
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
