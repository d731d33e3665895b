import { WebSocket } from 'ws'
import { answer } from './harness/answers.js'

/**
 * Many bare sockets that read and count. They speak Engine.IO 4 and Socket.IO 5 by hand, as a full client for
 * each would cost more than what is measured; `ws` is a WebSocket without either.
 */
export type Speech = 'socket.io' | 'ws'

const CONNECTING_AT_ONCE = 40
const UPDATE = Buffer.from('42["portfolio:update"')

const sockets = new Set<WebSocket>()
let frames = 0
let bytes = 0
let lost = 0
let lastUpdate = ''

/** Resolves when all are let in and, with tokens, have their first snapshot. */
async function connect(url: string, speech: Speech, tokens: readonly (string | null)[]): Promise<void> {
  const waiting = [...tokens]
  const one = async (): Promise<void> => {
    for (let token = waiting.pop(); token !== undefined; token = waiting.pop()) await open(url, speech, token)
  }
  await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, one))
}

function open(url: string, speech: Speech, token: string | null): Promise<void> {
  const address = url.replace(/^http/, 'ws')
  const path = speech === 'ws' ? '/' : '/socket.io/?EIO=4&transport=websocket'
  const socket = new WebSocket(address + path, { perMessageDeflate: false })
  sockets.add(socket)
  return new Promise((resolve, reject) => {
    if (speech === 'ws') socket.once('open', () => resolve())
    socket.on('message', (data) => {
      if (!(data instanceof Buffer)) return
      if (speech === 'ws' || data.subarray(0, UPDATE.length).equals(UPDATE)) {
        count(data)
        return
      }
      const text = data.toString()
      if (text === '2') socket.send('3')
      else if (text.startsWith('0')) socket.send(token === null ? '40' : `40${JSON.stringify({ token })}`)
      else if (text.startsWith('44')) reject(new Error(`refused: ${text}`))
      else if (token === null ? text.startsWith('40') : text.startsWith('42["portfolio:snapshot"')) resolve()
    })
    socket.once('error', reject)
    socket.once('close', () => {
      if (sockets.delete(socket)) lost += 1
      reject(new Error('closed'))
    })
  })
}

function count(data: Buffer): void {
  frames += 1
  bytes += data.length
  if (lastUpdate === '') lastUpdate = data.toString()
}

async function close(): Promise<void> {
  const open = [...sockets]
  sockets.clear()
  for (const socket of open) socket.terminate()
}

const handlers = {
  connect,
  close,
  /** What came in so far; `lost` counts sockets that the server closed. */
  counts: () => ({ frames, bytes, lost, sockets: sockets.size }),
  /** One update frame, as it came. */
  sample: () => lastUpdate,
}
export type SwarmAnswers = typeof handlers

answer(handlers, close)
