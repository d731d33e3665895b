import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answers } from './answers.js'

/**
 * A process of its own that answers questions (see answers.ts). Every question has a longest time, and a child
 * ends by itself when this process does, so that nothing is left behind.
 */
export class Child<Handlers extends Answers> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  readonly #ended: Promise<void>
  #next = 1

  constructor(name: string, options: { readonly execArgv?: readonly string[] } = {}) {
    const { HARTA_BENCH_PROFILE: profiles } = process.env
    this.#process = fork(fileURLToPath(new URL(`./${name}.js`, import.meta.url)), {
      execArgv: [
        '--enable-source-maps',
        ...(options.execArgv ?? []),
        ...(profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}/${name}`]),
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.#process.on('message', (message: Reply) => {
      const asked = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if (message.error === undefined) asked?.resolve(message.value as never)
      else asked?.reject(new Error(`${name}: ${message.error}`))
    })
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', (code) => {
        for (const { reject } of this.#waiting.values()) {
          reject(new Error(`${name} ended with code ${code}`))
        }
        this.#waiting.clear()
        resolve()
      })
    })
  }

  ask<Name extends keyof Handlers & string>(
    name: Name,
    ...given: Parameters<Handlers[Name]>
  ): Promise<Awaited<ReturnType<Handlers[Name]>>> {
    const id = this.#next
    this.#next += 1
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`no answer to "${name}" within ${LONGEST_MS / 1000} s`))
      }, LONGEST_MS)
      const done = () => clearTimeout(timer)
      this.#waiting.set(id, {
        resolve: (value) => {
          done()
          resolve(value)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
      this.#process.send({ id, name, given }, (error) => {
        if (!error) return
        this.#waiting.get(id)?.reject(error)
        this.#waiting.delete(id)
      })
    })
  }

  /** Asks it to end, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    if (this.#process.connected) this.#process.disconnect()
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), 10_000)
    await this.#ended
    clearTimeout(kill)
  }
}

const LONGEST_MS = 120_000

interface Reply {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}
