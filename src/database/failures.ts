import { Prisma } from '../generated/prisma/client.js'
import { AppError } from '../lib/errors.js'
import { ConnectionLost } from './strict-adapter.js'
import { roles } from './target.js'

/**
 * What the database's failures mean. Codes are Prisma's (P....) and PostgreSQL's (five characters, appendix A of
 * its manual).
 */

/** The row is there already. Which key it was is not told: row level security hides it. */
export function isDuplicate(error: unknown): boolean {
  return isKnown(error) && (error.code === 'P2002' || sqlState(error) === '23505')
}

/** What the row refers to is not there, or not this user's. */
export function isDangling(error: unknown): boolean {
  return isKnown(error) && (error.code === 'P2003' || sqlState(error) === '23503')
}

/** `update` or `delete` of a row that is not there, or not this user's. */
export function isMissing(error: unknown): boolean {
  return isKnown(error) && error.code === 'P2025'
}

/** Two transactions stood in each other's way; run again, this one may succeed. */
export function isConflict(error: unknown): boolean {
  if (!isKnown(error)) return false
  return error.code === 'P2034' || ['40001', '40P01'].includes(sqlState(error) ?? '')
}

/** PostgreSQL: wrong cardinality, data, constraint, view's condition, too much for it, raised by a function of ours. */
const UNWRITABLE_STATES = /^(21|22|23|44|54|P0)/
/** Prisma: connecting, waiting for a connection or a transaction, conflicts; a failed statement with a code of its own. */
const PASSING_CODES = /^P(1...|2010|2024|2028|2034|2037)$/

/**
 * Whether the same may succeed another time, as the database is away, overloaded, read-only or out of room. Not so
 * what it does not take, however often it is tried, and what failed in the work itself.
 */
export function mayPass(error: unknown): boolean {
  if (isUnavailable(error)) return true
  if (isKnown(error)) return PASSING_CODES.test(error.code) && !UNWRITABLE_STATES.test(sqlState(error) ?? '')
  return (
    error instanceof Prisma.PrismaClientInitializationError ||
    error instanceof Prisma.PrismaClientUnknownRequestError
  )
}

/** Nobody can be served now: what `translate` says of a database that is away. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof AppError && error.fault === 'unavailable'
}

/** What the drivers call a server that was not reached, has gone, or takes nobody in. */
const UNREACHABLE = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])
/** PostgreSQL: connection failures, ended by an administrator, crashed, cannot connect now, too many connections. */
const UNREACHABLE_STATES = /^(08...|57P0[1-3]|53300)$/
/** PostgreSQL: invalid authorization; there is no such database. */
const REFUSING_STATES = /^(28...|3D000)$/

/** The same error, or in its place an AppError where the caller can only come again later. */
export function translate(error: unknown): unknown {
  if (isUnmigrated(error)) {
    return unavailable(
      'database-not-migrated',
      'the database is not set up yet; run npm run db:migrate',
      error,
    )
  }
  if (isUnreachable(error)) {
    return unavailable('database-unavailable', 'the database cannot be reached or is overloaded', error)
  }
  if (REFUSING_STATES.test(sqlState(error) ?? '')) {
    const detail = 'the database refuses the user, the password or its own name, as DATABASE_URL gives them'
    return unavailable('database-refused', detail, error)
  }
  return error
}

function isUnreachable(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true
  // P2028 also stands for a transaction that took too long, which is no fault of the server's.
  if (isKnown(error) && error.code === 'P2028') return error.message.includes('Unable to start a transaction')
  return UNREACHABLE.has(String(driverCause(error)?.kind)) || UNREACHABLE_STATES.test(sqlState(error) ?? '')
}

/** Every connection begins by taking on a role that the migrations make. */
function isUnmigrated(error: unknown): boolean {
  return isKnown(error) && sqlState(error) === '22023' && error.message.includes(`role "${roles.app}"`)
}

function unavailable(code: string, detail: string, cause: unknown): AppError {
  return new AppError('unavailable', code, detail, { retryAfterSeconds: 5, cause })
}

function isKnown(error: unknown): error is Prisma.PrismaClientKnownRequestError {
  return error instanceof Prisma.PrismaClientKnownRequestError
}

/** PostgreSQL's own code of a failure; null when it has none. */
function sqlState(error: unknown): string | null {
  const code = driverCause(error)?.originalCode
  return typeof code === 'string' ? code : null
}

/** What the driver says of a failure, as it came from there or as Prisma passes it on. */
function driverCause(error: unknown): { kind?: unknown; originalCode?: unknown } | null {
  if (isKnown(error)) {
    const meta = error.meta as { driverAdapterError?: { cause?: object } } | undefined
    return meta?.driverAdapterError?.cause ?? null
  }
  const isDriver = error instanceof Error && error.name === 'DriverAdapterError'
  return isDriver && typeof error.cause === 'object' ? error.cause : null
}
