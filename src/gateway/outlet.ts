import { Socket as NetSocket } from 'node:net'
import type { Socket } from 'socket.io'
import type { ClientToServer, ServerToClient } from '../protocol/events.js'

/** What the gateway knows of a socket that it let in. */
export interface SocketData {
  userId: string
  sessionId: string
  /** End of the access token, ms since the epoch. */
  expiresAt: number
}

export type HartaSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>

/** Characters of events that may wait for a reader. */
const MOST_QUEUED = 1_000_000

/**
 * One socket's way out. For state, where the latest wins: a socket whose last write has not left for the network
 * yet gets nothing on top; what it misses is remembered, not queued, so a reader that stops reading costs no
 * memory. For events, which wait, up to a bound.
 */
export class Outlet {
  readonly socket: HartaSocket
  /** True when a valuation was passed over: the socket needs a snapshot before the next update. */
  behind = true
  /** Calls off the end of the socket with its token. */
  cancelExpiry: () => void = () => {}
  /** Characters of answers and events that were handed to the library since it last took a batch to the network. */
  unsent = 0

  constructor(socket: HartaSocket) {
    this.socket = socket
    socket.conn.on('drain', () => {
      this.unsent = 0
    })
  }

  get writable(): boolean {
    const { conn } = this.socket
    if (!this.socket.connected || conn.readyState !== 'open' || !conn.transport.writable) return false
    const stream = streamOf(conn)
    return stream === undefined || stream.writableLength === 0
  }

  /** Sends `json` under this event's name; false when the socket cannot take it now. */
  write(event: string, json: string): boolean {
    return this.send(new StateEvent(event, json))
  }

  /** The same for an event that goes to several sockets at once. */
  send(event: StateEvent): boolean {
    const { conn } = this.socket
    if (!this.socket.connected || conn.readyState !== 'open' || !conn.transport.writable) return false
    const stream = streamOf(conn)
    if (stream === undefined) conn.write(event.packet, { compress: false })
    else if (stream.writableLength === 0) event.writeTo(stream)
    else return false
    return true
  }

  /** Sends these packets one after the other, which wait for a slow reader; false when too much waits already. */
  queue(packets: readonly string[]): boolean {
    const { conn } = this.socket
    if (!this.socket.connected || conn.readyState !== 'open' || this.unsent > MOST_QUEUED) return false
    for (const packet of packets) {
      this.unsent += packet.length
      conn.write(packet, { compress: false })
    }
    return true
  }
}

type Connection = HartaSocket['conn']

/**
 * The network's end of a settled WebSocket without compression, to which whole frames may be written; undefined
 * for polling, and while a connection moves from one transport to the other. Frames of the library's own are
 * written at once and whole, too, so none comes between.
 */
function streamOf(conn: Connection): NetSocket | undefined {
  if (conn.transport.name !== 'websocket' || conn.upgrading) return undefined
  const { socket } = conn.transport as unknown as { socket?: { readyState?: number; _socket?: unknown } }
  return socket?.readyState === OPEN && socket._socket instanceof NetSocket ? socket._socket : undefined
}

const OPEN = 1
const LONGEST_HEADER = 10
let room = Buffer.allocUnsafe(64 * 1024)

/**
 * An event of the default namespace, written by hand: Socket.IO's emit would encode the same text again for every
 * socket and hand it to the network in two pieces. Its bytes lie in a room that the next event reuses as soon as
 * the network has taken them, so an event is sent to all its sockets before the next one is made.
 */
export class StateEvent {
  readonly packet: string
  #frame: Buffer | null = null

  constructor(event: string, json: string) {
    this.packet = packetOf(event, json)
  }

  writeTo(stream: NetSocket): void {
    this.#frame ??= frameOf(`4${this.packet}`)
    stream.write(this.#frame)
    if (stream.writableLength > 0 && this.#frame.buffer === room.buffer)
      room = Buffer.allocUnsafeSlow(room.length)
  }
}

/** Engine.IO's message of an event: Socket.IO protocol 5, type 2, then a JSON array. */
export function packetOf(event: string, json: string): string {
  return `2["${event}",${json}]`
}

/** One unmasked, final text frame (RFC 6455, section 5.2). */
function frameOf(text: string): Buffer {
  // A character of a string takes three bytes at most.
  if (LONGEST_HEADER + text.length * 3 > room.length) {
    const needed = LONGEST_HEADER + Buffer.byteLength(text)
    if (needed > room.length) room = Buffer.allocUnsafeSlow(needed * 2)
  }
  const target = room
  const size = target.write(text, LONGEST_HEADER)
  const start = LONGEST_HEADER - (size < 126 ? 2 : size < 65_536 ? 4 : 10)
  target[start] = 0x81
  if (size < 126) target[start + 1] = size
  else if (size < 65_536) {
    target[start + 1] = 126
    target.writeUInt16BE(size, start + 2)
  } else {
    target[start + 1] = 127
    target.writeBigUInt64BE(BigInt(size), start + 2)
  }
  return target.subarray(start, LONGEST_HEADER + size)
}
