import type { Ask } from './ask.js'
import type { Dial } from './connection.js'
import type { Ending } from './session.js'
import type { Ticket, Venue } from './venue.js'

/**
 * How a venue's sockets find their address: asked for by HTTP anew for each, where the venue wants that, and
 * always the same otherwise. A ticket that cannot be had ends the attempt like a socket that cannot be opened, so
 * one back-off holds for both. `base` is an HTTP address in place of the venue's own.
 */
export function dialOf(venue: Venue, ask: Ask, random: () => number, base?: string): Dial {
  const { ticket } = venue
  if (!ticket) return async () => ({ url: venue.url() })
  return async () => {
    const { method, url } = ticket.request
    const answer = await ask({ method, url: base === undefined ? url : moved(url, base) })
    if (answer.kind === 'failed') return ending(`ticket-${answer.reason}`)
    if (answer.kind === 'refused') return ending('ticket-refused', answer.status, answer.retryAfterMs)
    return addressIn(ticket, answer.body, random) ?? ending('ticket-unreadable')
  }
}

function addressIn(ticket: Ticket, body: Buffer, random: () => number): { readonly url: string } | null {
  const url = ticket.read(String(body), Math.floor(random() * 2 ** 53).toString(36))
  return url === null ? null : { url }
}

function moved(url: string, base: string): string {
  const { pathname, search } = new URL(url)
  return base.replace(/\/+$/, '') + pathname + search
}

function ending(reason: string, status: number | null = null, retryAfterMs: number | null = null): Ending {
  return { reason, status, retryAfterMs }
}
