import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

const ANSWER_MS = 20

/** Receivers of webhooks, each on a port of its own. */
export interface ManyReceivers {
  readonly urls: readonly string[]
  /** `path webhook-id` of each request that was read to its end, in order. */
  readonly heard: string[]
  /** Requests that were read and not answered. */
  held(): number
  /** Answers nobody until `release`. */
  hold(): void
  release(): void
  /** The next connection of anybody. */
  connected(): Promise<void>
  close(): Promise<void>
}

export async function openReceivers(count: number): Promise<ManyReceivers> {
  const heard: string[] = []
  const waiting = new Set<ServerResponse>()
  let isHolding = false
  let connected: () => void = () => {}
  const answer = (response: ServerResponse): void => {
    waiting.delete(response)
    response.writeHead(204).end()
  }
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer((request, response) => {
        request.resume().on('end', () => {
          heard.push(`${request.url} ${request.headers['webhook-id']}`)
          waiting.add(response)
          if (!isHolding) void wait(ANSWER_MS).then(() => !isHolding && answer(response))
        })
        response.on('close', () => waiting.delete(response))
      }).listen(0, '127.0.0.1')
      server.on('connection', () => connected())
      await once(server, 'listening')
      return server
    }),
  )
  return {
    urls: servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    heard,
    held: () => waiting.size,
    hold() {
      isHolding = true
    },
    release() {
      isHolding = false
      for (const response of [...waiting]) answer(response)
    },
    connected: () =>
      new Promise((resolve) => {
        connected = resolve
      }),
    close: async () => {
      await Promise.all(servers.map(closed))
    },
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
