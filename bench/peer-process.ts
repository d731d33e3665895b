import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { type WebSocket, WebSocketServer } from 'ws'
import { answer, cpuSeconds, memoryInUse } from './harness/answers.js'

/** Bare servers that push the same bytes to as many sockets, without valuing anything. */
type Push = (user: number, window: number) => void

const closers: (() => void)[] = []
let push: Push = () => {}
let timer: NodeJS.Timeout | undefined

/** Socket.IO as it comes, one room for each user, the payload as an object. */
async function openSocketIo(payloadText: string): Promise<string> {
  const http = createServer()
  const io = new Server(http, { serveClient: false, perMessageDeflate: false, httpCompression: false })
  let users = 0
  io.on('connection', (socket) => {
    void socket.join(`user:${users}`)
    users += 1
  })
  const payload: unknown = JSON.parse(payloadText)
  push = (user) => io.to(`user:${user}`).emit('portfolio:update', payload)
  closers.push(() => void io.close())
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

/** A WebSocket server that sends a ready-made text. */
async function openWs(frame: string): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  const sockets: WebSocket[] = []
  server.on('connection', (socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
  })
  push = (user) => sockets[user]?.send(frame)
  closers.push(() => {
    for (const socket of sockets) socket.terminate()
    server.close()
  })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** One frame for each user and window, spread over ten slots of the window as the product's are. */
function run(users: number, windowMs: number): void {
  const slots = 10
  let turn = 0
  timer = setInterval(() => {
    for (let user = turn % slots; user < users; user += slots) push(user, turn)
    turn += 1
  }, windowMs / slots)
}

const handlers = { openSocketIo, openWs, run, cpu: cpuSeconds, memory: memoryInUse }
export type PeerAnswers = typeof handlers

answer(handlers, () => {
  clearInterval(timer)
  for (const close of closers) close()
})
