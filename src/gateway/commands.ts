import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import { commands } from '../protocol/events.js'
import type { Problem } from '../protocol/resources.js'
import type { Outlet } from './outlet.js'
import { readAsk, renewAsk, resumeAsk, seenAsk, symbolsAsk } from './schema.js'

/** What a client may ask; each answers with JSON text and throws AppError to refuse. */
export interface CommandHandlers {
  resume(outlet: Outlet, ask: z.infer<typeof resumeAsk>): string | Promise<string>
  watch(outlet: Outlet, ask: z.infer<typeof symbolsAsk>): string | Promise<string>
  unwatch(outlet: Outlet, ask: z.infer<typeof symbolsAsk>): string | Promise<string>
  seen(outlet: Outlet, ask: z.infer<typeof seenAsk>): string | Promise<string>
  renew(outlet: Outlet, ask: z.infer<typeof renewAsk>): string | Promise<string>
}

interface Door {
  readonly admitCommand: (userId: string) => Promise<void>
  readonly toProblem: (error: unknown, context: { requestId: string }) => Problem
  readonly log: Log
}

/** Characters of answers that may wait for a reader; a large portfolio has half a million. */
const MOST_UNSENT = 4_000_000

type Answer = (handlers: CommandHandlers, outlet: Outlet, sent: unknown) => string | Promise<string>

const answers: Readonly<Record<string, Answer>> = {
  [commands.resume]: (handlers, outlet, sent) => handlers.resume(outlet, readAsk(resumeAsk, sent)),
  [commands.watch]: (handlers, outlet, sent) => handlers.watch(outlet, readAsk(symbolsAsk, sent)),
  [commands.unwatch]: (handlers, outlet, sent) => handlers.unwatch(outlet, readAsk(symbolsAsk, sent)),
  [commands.seen]: (handlers, outlet, sent) => handlers.seen(outlet, readAsk(seenAsk, sent)),
  [commands.renew]: (handlers, outlet, sent) => handlers.renew(outlet, readAsk(renewAsk, sent)),
}

/**
 * Answers the commands of a socket: `{ok: true, data}` or `{ok: false, problem}`; never throws, never leaks. An
 * answer is owed, so it waits for a slow reader; one that asks on and reads nothing is closed.
 */
export function listen(outlet: Outlet, handlers: CommandHandlers, door: Door): void {
  const { socket } = outlet
  socket.onAny((name: string, ...parts: unknown[]) => {
    void answer(name, parts)
  })

  /** What asks for no answer gets none, but it counts, and who sends it without end is closed. */
  async function count(): Promise<void> {
    await door.admitCommand(socket.data.userId).catch(() => socket.conn.close(true))
  }

  async function answer(name: string, parts: readonly unknown[]): Promise<void> {
    const ack = parts.at(-1)
    if (typeof ack !== 'function') return count()
    const requestId = randomUUID()
    try {
      await door.admitCommand(socket.data.userId)
      // Whoever has left meanwhile has been forgotten, and must not come into the lists again.
      if (!socket.connected) return
      const handler = Object.hasOwn(answers, name) ? answers[name] : undefined
      if (!handler) throw new AppError('missing', 'unknown-command', 'There is no such command.')
      const text = await handler(handlers, outlet, parts.length > 1 ? parts[0] : undefined)
      outlet.unsent += text.length
      if (outlet.unsent > MOST_UNSENT) return socket.conn.close(true)
      ack({ ok: true, data: JSON.parse(text) })
    } catch (error) {
      if (!(error instanceof AppError)) {
        door.log.error({ err: error, requestId, command: name }, 'a socket command failed')
      }
      ack({ ok: false, problem: door.toProblem(error, { requestId }) })
    }
  }
}
