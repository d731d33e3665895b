import { isIP } from 'node:net'
import type { Context } from 'koa'
import type { Role } from '../protocol/resources.js'

/** Who asks: a live session of a user who is not disabled. */
export interface Actor {
  readonly userId: string
  readonly sessionId: string
  readonly role: Role
  /** End of the access token, ms since the epoch. */
  readonly expiresAt: number
}

/** What the door knows of a request; kept in `ctx.state`. */
export interface DoorState {
  requestId: string
  /** The client's address as text, never taken from a header that a client could have written. */
  address: string
  actor?: Actor
}

export function doorState(ctx: Context): DoorState {
  return ctx.state as DoorState
}

/** Where a session was opened from, as far as the client tells. */
export interface Client {
  readonly userAgent: string | null
  readonly address: string
}

export function clientOf(ctx: Context): Client {
  const userAgent = ctx.get('User-Agent').slice(0, 200)
  return { userAgent: userAgent === '' ? null : userAgent, address: doorState(ctx).address }
}

/**
 * The client's address. `trustedProxies` is the number of proxies of ours in front: each of them appends to
 * X-Forwarded-For the address that it was called from, so the client is that many entries from the right and
 * whatever stands further left was written by the client. With 0 the header is ignored.
 */
export function addressOf(forwardedFor: string, peer: string, trustedProxies: number): string {
  const direct = plainAddress(peer) ?? 'unknown'
  if (trustedProxies === 0 || forwardedFor === '') return direct
  const chain = [...forwardedFor.split(','), peer]
  const entry = chain[Math.max(0, chain.length - 1 - trustedProxies)] ?? ''
  return plainAddress(entry) ?? direct
}

/** The address without port, brackets, zone or IPv4-in-IPv6 prefix; null when it is none. */
function plainAddress(entry: string): string | null {
  let text = entry.trim()
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  if (bracketed?.[1]) text = bracketed[1]
  else if (/^[\d.]+:\d+$/.test(text)) text = text.slice(0, text.indexOf(':'))
  text = text.replace(/%.*$/, '').replace(/^::ffff:(?=[\d.]+$)/i, '')
  return isIP(text) === 0 ? null : text.toLowerCase()
}

/** What an address is limited as: IPv4 itself, IPv6 by /64, because one subscriber owns a whole /64. */
export function addressKey(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  const gap = address.includes('::')
    ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
    : []
  const groups = [...left, ...gap, ...right].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
