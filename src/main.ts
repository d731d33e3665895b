import { run } from './app/run.js'
import { AppError } from './lib/errors.js'
import { describeError } from './lib/log.js'

// Which part runs here: web, worker, all (both in one process), demo, or migrate.
try {
  await run(process.argv[2] ?? 'all')
} catch (error) {
  console.error(error instanceof AppError ? error.message : describeError(error))
  process.exitCode = 1
}
