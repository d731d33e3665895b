import type { Tell, Told } from './news.js'

/**
 * Carries what was told from wherever it was written to the web processes whose sockets it is for. At most once:
 * each web process finds what it missed in the inbox.
 */
export interface Notices {
  /** Never rejects; what cannot be published is found by the sweep. */
  publish(told: readonly Told[]): Promise<void>
  /** Calls back until the returned function is called. */
  subscribe(listener: NoticeListener): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface NoticeListener {
  told(told: readonly Told[]): void
  /** Messages may have been missed: the inbox has to be looked at. */
  lost(): void
}

/** Tells open sockets by these notices. */
export function tellBy(notices: Notices): Tell {
  return (told) => {
    if (told.length > 0) void notices.publish(told)
  }
}
