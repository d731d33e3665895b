import { readConfig } from '../src/app/config.js'
import { type Running, start } from '../src/app/run.js'
import { createLog } from '../src/lib/log.js'
import { answer, cpuSeconds } from './harness/answers.js'

let running: Running | null = null

/** The product's own start, as a worker alone. */
async function open(env: Readonly<Record<string, string>>): Promise<void> {
  const { config, secrets } = readConfig('worker', { LOG_LEVEL: 'warn', ...env })
  running = await start({ config, secrets, log: createLog(config.logLevel) })
}

const handlers = { open, cpu: cpuSeconds }
export type WorkerAnswers = typeof handlers

answer(handlers, () => running?.stop())
