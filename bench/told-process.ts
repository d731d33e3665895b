import { io, type Socket } from 'socket.io-client'
import { answer } from './harness/answers.js'
import { preciseNow, type Seen } from './harness/delays.js'

const sockets: Socket[] = []
const seen: Seen[] = []

interface Fired {
  readonly data: { readonly symbol: string; readonly at: string }
}

/** People who wait for their alerts; resolves when all are let in. */
async function listen(url: string, tokens: readonly string[]): Promise<void> {
  await Promise.all(
    tokens.map(async (token) => {
      const socket = io(url, { auth: { token }, transports: ['websocket'] })
      sockets.push(socket)
      socket.on('alert:fired', ({ data: { symbol, at } }: Fired) => {
        seen.push({ symbol, at: Date.parse(at), seen: preciseNow() })
      })
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', () => resolve()).once('connect_error', reject)
      })
    }),
  )
}

const handlers = { listen, seen: (): readonly Seen[] => seen }
export type ToldAnswers = typeof handlers

answer(handlers, () => {
  for (const socket of sockets) socket.disconnect()
})
