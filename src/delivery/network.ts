import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Where a user's webhook may lead: to what the whole internet can reach, and to networks that the operator has named.
 * Everything that leads inside is refused, also by the ways around that transition mechanisms offer, since this
 * server stands where a user does not. Ranges are those of the IANA special-purpose address registries (RFC 6890).
 */
export interface NetworkRules {
  /** Whether a connection to this address may be made; false for what is no address. */
  permits(address: string): boolean
  /** What the address of a webhook is refused for without asking anybody; null when its name has to be looked up. */
  refusalOf(url: string): string | null
}

/** `allowedNetworks` in CIDR notation. */
export function networkRules(allowedNetworks: readonly string[]): NetworkRules {
  const allowed = allowedNetworks.map((network) => ipaddr.parseCIDR(network))

  function permits(text: string): boolean {
    if (isIP(text) === 0) return false
    const address = ipaddr.parse(text)
    const isNamed = allowed.some(
      ([network, bits]) => sameKind(address, network) && address.match(network, bits),
    )
    return isNamed || isPublic(address)
  }

  function refusalOf(text: string): string | null {
    const url = URL.canParse(text) ? new URL(text) : null
    if (!url || !['http:', 'https:'].includes(url.protocol)) return 'has to begin with https:// or http://'
    if (url.username !== '' || url.password !== '') return 'must not contain a user or a password'
    if (OTHERS_PORTS.has(Number(url.port === '' ? 443 : url.port)))
      return 'has a port that is not for webhooks'
    const host = hostOf(url)
    const address = isLocalName(host) ? '127.0.0.1' : host
    if (isIP(address) !== 0 && !permits(address)) return 'leads to an address that is not public'
    return null
  }

  return { permits, refusalOf }
}

/** Whether this is a network that rules can be made of, e.g. `192.168.1.0/24`. */
export function isNetwork(text: string): boolean {
  const address = text.split('/')[0] ?? ''
  return isIP(address) !== 0 && !address.includes('%') && ipaddr.isValidCIDR(text)
}

/** The host as sockets take it: an IPv6 address without its brackets. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

/** RFC 6761, 6.3: names that mean this very machine, whatever a name server says. */
export function isLocalName(host: string): boolean {
  return /^(.*\.)?localhost\.?$/i.test(host)
}

/** Ports on which something else listens that could take a request for its own protocol, or is not for strangers. */
const OTHERS_PORTS: ReadonlySet<number> = new Set([
  0, 7, 9, 19, 21, 22, 23, 25, 53, 69, 79, 110, 111, 119, 135, 137, 139, 143, 161, 179, 389, 445, 465, 512,
  513, 514, 515, 548, 587, 631, 636, 873, 993, 995, 1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3306,
  3389, 4369, 5432, 5672, 5900, 5984, 6000, 6379, 6443, 6667, 9042, 9092, 9200, 9300, 10250, 11211, 15672,
  27017, 27018,
])

/** Addresses of the internet by the registries, behind which clouds keep what is not for strangers. */
const METADATA: ReadonlySet<string> = new Set(['168.63.129.16'])

type Address = ReturnType<typeof ipaddr.parse>

function sameKind(one: Address, other: Address): boolean {
  return one.kind() === other.kind()
}

function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4)
    return address.range() === 'unicast' && !METADATA.has(address.toString())
  const { parts } = address as ipaddr.IPv6
  const [first = 0, second = 0, , , fifth = 0, sixth = 0, seventh = 0, eighth = 0] = parts
  // RFC 6052: what a NAT64 with the well-known prefix passes on to an IPv4 address.
  if (first === 0x64 && second === 0xff9b && parts.slice(2, 6).every((part) => part === 0)) {
    return isPublic(new ipaddr.IPv4([seventh >> 8, seventh & 0xff, eighth >> 8, eighth & 0xff]))
  }
  // RFC 5214, 6.1: ISATAP carries an IPv4 address behind this identifier, whatever the prefix.
  if ((fifth & 0xfdff) === 0 && sixth === 0x5efe) return false
  // RFC 4291, 2.4: of the rest, only 2000::/3 is given out as global unicast.
  return first >> 13 === 1 && address.range() === 'unicast'
}
