import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

/** A real WebSocket server whose manners the test decides, connection by connection. */
export class RudeExchange {
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true })
  readonly #streams = new Set<Socket>()
  /** Every connection since the start, open or not. */
  readonly connections: WebSocket[] = []
  /** What clients said, per connection. */
  readonly heard: string[][] = []
  /** Handshakes that were asked for, refused ones included. */
  handshakes = 0
  /** The address of each handshake, from the path on. */
  readonly addresses: string[] = []
  /** Answers a handshake with this instead; null lets it in. */
  refuse: { status: number; headers: Record<string, string> } | null = null
  /** Leaves a handshake without any answer. */
  mute = false
  onConnection: (socket: WebSocket, index: number) => void = () => {}
  onMessage: (socket: WebSocket, message: string, index: number) => void = () => {}

  private constructor(http: Server) {
    this.#http = http
    http.on('connection', (stream) => {
      this.#streams.add(stream)
      stream.on('close', () => this.#streams.delete(stream))
    })
    http.on('upgrade', (request, socket: Socket, head) => {
      this.handshakes += 1
      this.addresses.push(request.url ?? '')
      socket.on('error', () => {})
      if (this.mute) return
      if (this.refuse) {
        const headers = Object.entries(this.refuse.headers).map(([name, value]) => `${name}: ${value}\r\n`)
        socket.end(`HTTP/1.1 ${this.refuse.status} No\r\n${headers.join('')}content-length: 0\r\n\r\n`)
        return
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client))
    })
  }

  static async open(): Promise<RudeExchange> {
    const http = createServer()
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return new RudeExchange(http)
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  /** The newest connection. */
  get last(): WebSocket {
    const socket = this.connections.at(-1)
    if (!socket) throw new Error('nobody has connected')
    return socket
  }

  get openConnections(): number {
    return this.#sockets.clients.size
  }

  /** Stops reading from every client that is connected now, as a dead machine would. */
  freeze(): void {
    for (const stream of this.#streams) stream.pause()
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.destroy()
    await new Promise((resolve) => this.#http.close(resolve))
  }

  #welcome(client: WebSocket): void {
    const index = this.connections.length
    const said: string[] = []
    this.connections.push(client)
    this.heard.push(said)
    client.on('error', () => {})
    client.on('message', (data) => {
      said.push(String(data))
      this.onMessage(client, String(data), index)
    })
    this.onConnection(client, index)
  }
}
