import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

export type Log = Logger
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'

/**
 * An error as it may stand in a log. Messages of database drivers and of the ORM repeat the values that were
 * bound, so of a foreign error only its name, code and stack frames are kept; our own AppError is kept whole.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error }
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 12)
    .map((line) => line.trim())
  const code = (error as { code?: unknown }).code
  return {
    name: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(isOrmError(error) ? {} : { message: error.message }),
    frames,
  }
}

function isOrmError(error: Error): boolean {
  return error.name.startsWith('Prisma') || error.name === 'DriverAdapterError' || error.name === 'error'
}

/** Writes JSON lines to `destination`, standard output unless told. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    serializers: { err: describeError, error: describeError },
    redact: {
      paths: [
        'password',
        '*.password',
        'token',
        '*.token',
        '*.refreshToken',
        '*.accessToken',
        '*.authorization',
      ],
      censor: '[redacted]',
    },
  }
  return destination ? pino(options, destination) : pino(options)
}
