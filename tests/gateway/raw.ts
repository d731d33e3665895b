import { once } from 'node:events'
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { until } from '../support/until.js'

/** A WebSocket that speaks Engine.IO and Socket.IO by hand, as badly as a test wants. */
export interface RawLine {
  readonly socket: WebSocket
  /** The TCP stream below, to be paused. */
  readonly stream: Socket
  readonly frames: string[]
  send(...frames: readonly string[]): void
}

/** Opens one; with a token it also joins the default namespace. */
export async function openRaw(port: number, token?: string): Promise<RawLine> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`)
  const frames: string[] = []
  socket.on('message', (data) => frames.push(String(data)))
  socket.on('error', () => {})
  const [response] = (await once(socket, 'upgrade')) as [{ socket: Socket }]
  if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open')
  const line: RawLine = {
    socket,
    stream: response.socket,
    frames,
    send: (...sent) => {
      for (const frame of sent) socket.send(frame)
    },
  }
  if (token === undefined) return line
  line.send(`40${JSON.stringify({ token })}`)
  await until('it is let in', () => frames.some((frame) => frame.startsWith('40{')))
  return line
}
