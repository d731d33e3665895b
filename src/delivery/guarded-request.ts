import { Resolver } from 'node:dns/promises'
import http, { type IncomingMessage, type RequestOptions } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { hostOf, isLocalName, networkRules } from './network.js'

/**
 * Requests to addresses that users have chosen. Each goes over a connection of its own to an address that was
 * checked: names are resolved here, all that they stand for is looked at, and the connection is made to just that, so
 * that a name which changes its mind between check and use gains nothing. Redirects are not followed. From the first
 * question for the name to the last byte of the answer it takes `timeoutMs` at most. What is told of a failure never
 * tells an address.
 */
export interface GuardedRequest {
  /** Rejects with RequestFailed alone; any status but a redirect is an answer. */
  send(asked: Asked): Promise<Answered>
  /** Why this URL is refused without asking anybody; null when it may be tried. */
  refusalOf(url: string): string | null
}

export interface Asked {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

export interface Answered {
  readonly status: number
  /** The first 1,000 characters. */
  readonly body: string
  readonly retryAfter: string | undefined
}

/** All addresses of a name; none, or a rejection, when there are none. */
export type Resolve = (host: string) => Promise<readonly string[]>

type Reason = 'address-refused' | 'timeout' | 'redirect' | 'tls' | 'dns' | 'connection' | 'answer-too-large'

export class RequestFailed extends Error {
  override readonly name = 'RequestFailed'
  readonly reason: Reason
  /** Of the answer, where there was the beginning of one. */
  readonly status: number | null

  constructor(reason: Reason, status: number | null = null) {
    super(reason)
    this.reason = reason
    this.status = status
  }
}

const TIMEOUT_MS = 5_000
const MOST_BYTES = 64 * 1024
const MOST_CHARACTERS = 1_000
/** Of each address of a name that has several. */
const CONNECT_MS = 1_500
const MOST_ADDRESSES = 32

export function createGuardedRequest({
  allowedNetworks,
  timeoutMs = TIMEOUT_MS,
  resolve = resolveAll,
}: {
  /** In CIDR notation, beside the public ones. */
  readonly allowedNetworks: readonly string[]
  readonly timeoutMs?: number
  readonly resolve?: Resolve
}): GuardedRequest {
  const rules = networkRules(allowedNetworks)

  async function addressesOf(host: string): Promise<readonly string[]> {
    const found = await resolve(host).catch(() => [])
    if (found.length === 0) throw new RequestFailed('dns')
    if (found.length > MOST_ADDRESSES || !found.every(rules.permits))
      throw new RequestFailed('address-refused')
    return found
  }

  const lookup: LookupFunction = (host, { all }, done) => {
    addressesOf(host).then(
      (found) => {
        const pinned = found.map((address) => ({ address, family: isIP(address) }))
        if (all) done(null, pinned)
        else done(null, pinned[0]?.address ?? '', pinned[0]?.family)
      },
      (error: Error) => done(error, []),
    )
  }

  return {
    refusalOf: rules.refusalOf,
    async send({ method, url: text, headers, body }) {
      // Sockets ask `lookup` for names alone, so an address in the URL is looked at here.
      if (rules.refusalOf(text) !== null) throw new RequestFailed('address-refused')
      const url = new URL(text)
      const options = {
        method,
        host: hostOf(url),
        port: url.port,
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
        agent: false,
        lookup,
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: CONNECT_MS,
      } as const
      return exchange(url.protocol === 'https:', options, body, timeoutMs)
    },
  }
}

function exchange(
  isSecure: boolean,
  options: RequestOptions,
  body: string | Buffer,
  timeoutMs: number,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    let isConnected = false
    let isEncrypted = false
    const request = isSecure ? https.request({ ...options, rejectUnauthorized: true }) : http.request(options)
    const timer = setTimeout(() => fail(new RequestFailed('timeout')), timeoutMs)

    function end(): void {
      clearTimeout(timer)
      request.destroy()
    }
    function fail(error: RequestFailed): void {
      end()
      reject(error)
    }
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true
      })
      socket.once('secureConnect', () => {
        isEncrypted = true
      })
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof RequestFailed) fail(error)
      else if (error.code === 'HPE_HEADER_OVERFLOW') fail(new RequestFailed('answer-too-large'))
      else fail(new RequestFailed(isSecure && isConnected && !isEncrypted ? 'tls' : 'connection'))
    })
    request.on('response', (answer) => {
      const status = answer.statusCode ?? 0
      if (status >= 300 && status < 400) return fail(new RequestFailed('redirect', status))
      readText(answer).then(
        (text) => {
          end()
          resolve({ status, body: text, retryAfter: answer.headers['retry-after'] })
        },
        () => fail(new RequestFailed('connection', status)),
      )
    })
    request.end(body)
  })
}

/** The beginning of the answer, when all of it has come, or as much as is read of any; rejects when it breaks off. */
function readText(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    const done = (): void => resolve(storable(Buffer.concat(parts).toString('utf8')))
    answer.on('data', (part: Buffer) => {
      parts.push(part)
      bytes += part.length
      if (bytes >= MOST_BYTES) done()
    })
    answer.on('end', done)
    answer.on('error', reject)
    answer.on('close', () => reject(new Error('it broke off')))
  })
}

/** As a database keeps it: without NUL and halves of a character. */
function storable(text: string): string {
  return text.slice(0, MOST_CHARACTERS).replace(/[\0\p{Cs}]/gu, '\uFFFD')
}

const DNS_TRY_MS = 1_500

/**
 * Asks name servers itself: the system's own function would occupy one of the few threads of this process until an
 * unwilling name server is given up.
 */
async function resolveAll(host: string): Promise<readonly string[]> {
  if (isLocalName(host)) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: DNS_TRY_MS, tries: 2 })
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
