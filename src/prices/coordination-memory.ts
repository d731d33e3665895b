import type { Coordination } from './coordination.js'

/** Also says who holds what, for the wire of the same process. */
export interface MemoryCoordination extends Coordination {
  /** Null when nobody holds it now. */
  holderOf(name: string): string | null
}

interface Lasting {
  readonly text: string
  readonly until: number
}

/** Coordination of a worker that is alone, and of several in one process. */
export function createMemoryCoordination(options: { now: () => number }): MemoryCoordination {
  const { now } = options
  const leases = new Map<string, Lasting>()
  /** When each name was asked, oldest first, no longer ago than its window. */
  const asked = new Map<string, number[]>()
  const holds = new Map<string, number>()
  const left = new Map<string, Lasting>()

  function holderOf(name: string): string | null {
    const lease = leases.get(name)
    return lease && lease.until > now() ? lease.text : null
  }

  function acquire(name: string, holder: string, forMs: number): boolean {
    const other = holderOf(name)
    if (other !== null && other !== holder) return false
    leases.set(name, { text: holder, until: now() + forMs })
    return true
  }

  function release(name: string, holder: string): void {
    if (leases.get(name)?.text === holder) leases.delete(name)
  }

  return {
    holderOf,
    acquire: async (name, holder, forMs) => acquire(name, holder, forMs),
    async acquireAll(names, holder, forMs, most = names.length) {
      const held = new Set<string>()
      for (const name of names) if (held.size < most && acquire(name, holder, forMs)) held.add(name)
      return held
    },
    release: async (name, holder) => release(name, holder),
    async releaseAll(names, holder) {
      for (const name of names) release(name, holder)
    },
    async take(name, { count, windowMs }) {
      const held = (holds.get(name) ?? 0) - now()
      if (held > 0) return held
      const times = (asked.get(name) ?? []).filter((at) => now() - at < windowMs)
      const blocking = times.at(-count)
      if (blocking !== undefined) return blocking + windowMs - now()
      asked.set(name, [...times, now()])
      return 0
    },
    async hold(name, forMs) {
      holds.set(name, Math.max(holds.get(name) ?? 0, now() + forMs))
    },
    async report(member, text, forMs) {
      if (forMs <= 0) left.delete(member)
      else left.set(member, { text, until: now() + forMs })
    },
    async reports(prefix = '') {
      for (const [member, { until }] of left) if (until <= now()) left.delete(member)
      const wanted = [...left].filter(([member]) => member.startsWith(prefix))
      return new Map(wanted.map(([member, { text }]) => [member, text]))
    },
    close: async () => {},
  }
}
