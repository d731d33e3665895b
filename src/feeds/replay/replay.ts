import { type Clock, systemClock } from '../../lib/clock.js'
import type { ExchangeSide } from '../exchange-side/protocol.js'
import { type ExchangeServer, openExchangeServer, SIDES, type SideName } from '../exchange-side/server.js'
import type { Reading, SessionMemory } from '../venue.js'
import { type RecordedFrame, readRecording } from './recording.js'

/** Frames between two waits for the socket, when the speed is `max`. */
const BURST = 64

export interface Replay {
  /** Base address for the venue's `url`. */
  readonly url: string
  /** Resolves when the last frame was sent or the replay is closed. Rejects when the file cannot be read. */
  readonly finished: Promise<void>
  /** Frames sent so far. */
  readonly sent: number
  close(): Promise<void>
}

/**
 * Serves a recording as the exchange would: waits for the first subscribe, acknowledges it as the venue does,
 * then sends the recorded data frames in order with the recorded pauses divided by `speed`, verbatim unless they
 * name channels by numbers that only the recorded socket was told, and after the last one keeps the socket open
 * with heartbeats. There is one course of time: a client that
 * reconnects goes on where the recording stands, and while nobody is subscribed it waits.
 */
export async function startReplay(options: {
  venue: SideName
  file: string
  /** A divisor of the pauses, or `max`: as fast as the socket takes them. */
  speed?: number | 'max'
  loop?: boolean
  port?: number
  clock?: Clock
}): Promise<Replay> {
  const clock = options.clock ?? systemClock
  const side = SIDES[options.venue]
  const player = new Player(clock, options.speed ?? 1)
  const server = await openExchangeServer({
    side,
    clock,
    ...(options.port === undefined ? {} : { port: options.port }),
    knows: () => true,
    subscribed: () => player.wake(),
  })
  player.join(server)
  const finished = player.play(() => dataFrames(options.file, side), options.loop ?? false)
  finished.catch(() => {}) // whoever awaits it is told; the server stays up for the others
  return {
    url: server.url,
    finished,
    get sent() {
      return player.sent
    },
    async close() {
      player.stop()
      await server.close()
    },
  }
}

const ANSWERS: ReadonlySet<Reading['kind']> = new Set([
  'welcome',
  'acknowledged',
  'refused',
  'heartbeat',
  'throttled',
  'ending',
])

/** Without answers, heartbeats and status: those come from the server's own side of the protocol. */
async function* dataFrames(file: string, side: ExchangeSide): AsyncGenerator<RecordedFrame> {
  const memory: SessionMemory = new Map()
  for await (const { atMs, frame } of readRecording(file)) {
    const reading = side.venue.read(frame, memory)
    if (!isAnswer(reading)) yield { atMs, frame: side.retold?.(frame, memory) ?? frame }
  }
}

function isAnswer(reading: Reading): boolean {
  return reading.kind === 'several' ? reading.readings.every(isAnswer) : ANSWERS.has(reading.kind)
}

class Player {
  readonly #clock: Clock
  readonly #speed: number | 'max'
  #server: ExchangeServer | null = null
  #stopped = false
  #wake: (() => void) | null = null
  #sent = 0

  constructor(clock: Clock, speed: number | 'max') {
    this.#clock = clock
    this.#speed = speed
  }

  get sent(): number {
    return this.#sent
  }

  join(server: ExchangeServer): void {
    this.#server = server
  }

  wake(): void {
    this.#wake?.()
  }

  stop(): void {
    this.#stopped = true
    this.wake()
  }

  async play(frames: () => AsyncGenerator<RecordedFrame>, loop: boolean): Promise<void> {
    do {
      const before = this.#sent
      let last: number | null = null
      for await (const { atMs, frame } of frames()) {
        await this.#pause(last === null ? 0 : atMs - last)
        last = atMs
        await this.#audience()
        if (this.#stopped) return
        await this.#send(frame)
      }
      if (this.#sent === before) throw new Error('the recording holds no data frames')
    } while (loop && !this.#stopped)
  }

  async #send(frame: string): Promise<void> {
    this.#sent += 1
    const listeners = this.#listeners()
    const mustWait = this.#speed !== 'max' || this.#sent % BURST === 0
    if (mustWait) await Promise.all(listeners.map((client) => client.sent(frame)))
    else for (const client of listeners) client.send(frame)
  }

  #listeners() {
    return (this.#server?.clients() ?? []).filter((client) => client.symbols.size > 0)
  }

  /** Waits until somebody is subscribed. */
  async #audience(): Promise<void> {
    while (!this.#stopped && this.#listeners().length === 0) await this.#sleep(null)
  }

  async #pause(recordedMs: number): Promise<void> {
    if (this.#speed === 'max' || recordedMs <= 0 || this.#stopped) return
    await this.#sleep(recordedMs / this.#speed)
  }

  /** Until the time is over, or until woken when there is none. */
  #sleep(ms: number | null): Promise<void> {
    return new Promise((resolve) => {
      const cancel = ms === null ? null : this.#clock.after(ms, resolve)
      this.#wake = () => {
        if (ms !== null && !this.#stopped) return
        cancel?.()
        resolve()
      }
    })
  }
}
