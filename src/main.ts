import { run } from './app/run.js'
import { AppError } from './lib/errors.js'
import { describeError } from './lib/log.js'

// What runs here: web, worker, all (both in one process), demo; or, and then it ends, migrate or admin.
try {
  await run(process.argv[2] ?? 'all', process.argv.slice(3))
  // Everything is closed; the schema engine's timer of ten seconds is not worth waiting for.
  process.exit(0)
} catch (error) {
  console.error(error instanceof AppError ? error.message : describeError(error))
  process.exitCode = 1
}
