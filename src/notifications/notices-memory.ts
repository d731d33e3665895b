import type { NoticeListener, Notices } from './notices.js'

/** Notices inside one process, for the all-in-one server. */
export function createMemoryNotices(): Notices {
  const listeners = new Set<NoticeListener>()
  return {
    async publish(told) {
      for (const listener of listeners) listener.told(told)
    },
    async subscribe(listener) {
      listeners.add(listener)
      return async () => {
        listeners.delete(listener)
      }
    },
    async close() {
      listeners.clear()
    },
  }
}
