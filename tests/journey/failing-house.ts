import { setTimeout as wait } from 'node:timers/promises'
import { leaseKey } from '../../src/prices/coordination-redis.js'
import { SLOT_COUNT, slotName, slotOf } from '../../src/prices/slots.js'
import { addressOf, type Program, startProgram } from '../app/process.js'
import type { RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

const KEYS = Array.from({ length: SLOT_COUNT }, (_, slot) => leaseKey(slotName(slot)))
const LONGEST_MS = 120_000

/** A worker process; `member` is what it calls itself where leases lie. */
export interface Worker {
  readonly program: Program
  readonly member: string
}

/** Worker and web processes as an operator starts them, which a test may kill, freeze and start. */
export class FailingHouse {
  readonly #redis: RedisServer
  readonly #env: Readonly<Record<string, string>>
  readonly #programs: Program[] = []
  readonly #members = new Set<string>()

  constructor(redis: RedisServer, env: Readonly<Record<string, string>>) {
    this.#redis = redis
    this.#env = env
  }

  async startWeb(): Promise<string> {
    return addressOf(this.#start('web'))
  }

  /** One at a time; resolves when it has leases. */
  async startWorker(): Promise<Worker> {
    const program = this.#start('worker')
    let member: string | undefined
    await this.until('the new worker has leases', async () => {
      member = [...(await this.holders())].find((one) => one !== undefined && !this.#members.has(one))
      return member !== undefined
    })
    this.#members.add(member ?? '')
    return { program, member: member ?? '' }
  }

  /** Nobody but these has leases, and each as many as the others. */
  async divided(workers: readonly Worker[]): Promise<void> {
    const share = SLOT_COUNT / workers.length
    await this.until('slots are divided', async () => {
      const holders = await this.holders()
      return workers.every(({ member }) => holders.filter((one) => one === member).length === share)
    })
  }

  /** Those of the symbols that are this worker's. */
  async symbolsOf({ member }: Worker, symbols: readonly string[]): Promise<ReadonlySet<string>> {
    const holders = await this.holders()
    return new Set(symbols.filter((symbol) => holders[slotOf(symbol)] === member))
  }

  /** By slot, the member that has its lease. */
  async holders(): Promise<readonly (string | undefined)[]> {
    const answer = await this.#redis.run('MGET', ...KEYS).catch(() => [])
    const texts = Array.isArray(answer) ? answer.map((holder) => String(holder ?? '')) : []
    return KEYS.map((_, slot) => texts[slot]?.split(':')[1])
  }

  async kill({ program }: Worker): Promise<void> {
    program.child.kill('SIGKILL')
    await program.ended
  }

  freeze({ program }: Worker): void {
    program.child.kill('SIGSTOP')
  }

  unfreeze({ program }: Worker): void {
    program.child.kill('SIGCONT')
  }

  /** Asks ten times a second; fails with what the processes said. */
  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    try {
      await until(what, async () => (await holds()) || wait(100, false), LONGEST_MS)
    } catch (error) {
      const said = this.#programs.map(({ output }) => output().slice(-2_000))
      throw new Error([String(error), ...said].join('\n--\n'))
    }
  }

  async stop(): Promise<void> {
    for (const { child } of this.#programs) {
      child.kill('SIGCONT')
      child.kill('SIGKILL')
    }
    await Promise.all(this.#programs.map(({ ended }) => ended))
  }

  #start(part: string): Program {
    const program = startProgram(part, this.#env)
    this.#programs.push(program)
    return program
  }
}
