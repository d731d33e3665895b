import type { Told } from './news.js'

/**
 * Carries what was told from wherever it was written to the web processes whose sockets it is for. At most once:
 * each web process finds what it missed in the inbox.
 */
export interface Notices {
  /** Never rejects; what cannot be published is found by the sweep. */
  publish(told: readonly Told[]): Promise<void>
  /** Calls back until the returned function is called. */
  subscribe(listener: (told: readonly Told[]) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}
