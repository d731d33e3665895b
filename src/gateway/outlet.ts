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

/**
 * One socket's way out for state, where the latest wins. Events are written as ready-made Socket.IO packets: a
 * room's emit would encode the same bytes again for every socket. A socket whose last write has not left for the
 * network yet gets nothing on top: what it misses is remembered, not queued, so a reader that stops reading
 * costs no memory.
 */
export class Outlet {
  readonly socket: HartaSocket
  /** True when a valuation was passed over: the socket needs a snapshot before the next update. */
  behind = true

  constructor(socket: HartaSocket) {
    this.socket = socket
  }

  get writable(): boolean {
    const { conn } = this.socket
    return this.socket.connected && conn.readyState === 'open' && conn.transport.writable
  }

  /** Sends `json` under this event's name; false when the socket cannot take it now. */
  write(event: string, json: string): boolean {
    if (!this.writable) return false
    this.socket.conn.write(packet(event, json), { compress: false })
    return true
  }
}

let lastEvent = ''
let lastJson = ''
let lastPacket = ''

/** An event packet of the default namespace (Socket.IO protocol 5: type 2, then a JSON array). */
function packet(event: string, json: string): string {
  if (event !== lastEvent || json !== lastJson) {
    lastEvent = event
    lastJson = json
    lastPacket = `2["${event}",${json}]`
  }
  return lastPacket
}
