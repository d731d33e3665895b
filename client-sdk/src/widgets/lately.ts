/** Work that is asked for more often than it should be done. */
export interface Lately {
  /** Begins now, or once what is under way has ended. */
  now(): void
  /** Begins within the interval; several of these are one. */
  soon(): void
  stop(): void
  /** Whether what is under way comes too late to be shown. */
  isStopped(): boolean
}

/** One at a time, and after each `soon` once more; what fails is done again with the next reason to. */
export function lately(everyMs: number, work: () => Promise<void>): Lately {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isBusy = false
  let isWanted = false
  let isStopped = false

  const now = (): void => {
    clearTimeout(timer)
    timer = undefined
    isWanted = isBusy
    if (isBusy || isStopped) return
    isBusy = true
    const done = (): void => {
      isBusy = false
      if (isWanted) now()
    }
    work().then(done, done)
  }
  return {
    now,
    soon: () => {
      if (!isStopped) timer ??= setTimeout(now, everyMs)
    },
    stop: () => {
      clearTimeout(timer)
      isStopped = true
    },
    isStopped: () => isStopped,
  }
}
