import { monitorEventLoopDelay } from 'node:perf_hooks'
import { type Part, readConfig } from '../src/app/config.js'
import { type Running, start } from '../src/app/run.js'
import { createLog } from '../src/lib/log.js'
import { answer, cpuSeconds, memoryInUse } from './harness/answers.js'

let running: Running | null = null

/** The product's own start, with the embedded database; answers its address. */
async function open(part: Part, env: Readonly<Record<string, string>>): Promise<string> {
  const { config, secrets } = readConfig('all', { PORT: '0', LOG_LEVEL: 'warn', BCRYPT_COST: '4', ...env })
  running = await start({ config: { ...config, part }, secrets, log: createLog(config.logLevel) })
  if (running.url === null) throw new Error('nothing listens')
  return running.url
}

const RESOLUTION_MS = 1
const turns = monitorEventLoopDelay({ resolution: RESOLUTION_MS })

const handlers = {
  open,
  cpu: cpuSeconds,
  memory: memoryInUse,
  watchTurns: () => {
    turns.enable()
    turns.reset()
  },
  /** Ms for which everything else waited at most since `watchTurns`. */
  longestTurn: () => Math.max(0, turns.max / 1e6 - RESOLUTION_MS),
}
export type WebAnswers = typeof handlers

answer(handlers, () => running?.stop())
