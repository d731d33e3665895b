import { Prisma } from '../generated/prisma/client.js'
import { AppError } from '../lib/errors.js'

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

/** Prisma: server not reached, its time-out, connection closed, no connection free in time, too many. */
const UNREACHABLE = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
/** PostgreSQL: cannot connect now, shutting down, crashed, ended by an administrator, too many connections. */
const UNREACHABLE_STATES = /^(08...|57P0[1-3]|53300)$/
const UNREACHABLE_TEXT =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT.*\.s\.PGSQL|Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/i

/** The same error, or in its place an AppError where the caller can only come again later. */
export function translate(error: unknown): unknown {
  if (error instanceof AppError) return error
  const state = isKnown(error) ? sqlState(error) : null
  if (state === '22023' && describes(error, /role "harta_app" does not exist/)) {
    return unavailable(
      'database-not-migrated',
      'the database has no tables yet; run npm run db:migrate',
      error,
    )
  }
  if (isTransactionStart(error) || isUnreachable(error, state)) {
    return unavailable('database-unavailable', 'the database cannot be reached or is overloaded', error)
  }
  return error
}

function isUnreachable(error: unknown, state: string | null): boolean {
  if (isKnown(error) && UNREACHABLE.has(error.code)) return true
  if (error instanceof Prisma.PrismaClientInitializationError) return true
  if (state !== null) return UNREACHABLE_STATES.test(state)
  return isForeign(error) && describes(error, UNREACHABLE_TEXT)
}

/** P2028 also stands for a transaction that ran too long, which is our own fault and stays what it is. */
function isTransactionStart(error: unknown): boolean {
  return isKnown(error) && error.code === 'P2028' && /unable to start a transaction/i.test(error.message)
}

function unavailable(code: string, detail: string, cause: unknown): AppError {
  return new AppError('unavailable', code, detail, { retryAfterSeconds: 5, cause })
}

function isKnown(error: unknown): error is Prisma.PrismaClientKnownRequestError {
  return error instanceof Prisma.PrismaClientKnownRequestError
}

/** An error of Prisma or of a driver, not of the work that ran inside the transaction. */
function isForeign(error: unknown): boolean {
  return (
    error instanceof Prisma.PrismaClientUnknownRequestError ||
    error instanceof Prisma.PrismaClientKnownRequestError ||
    (error instanceof Error && (error.name === 'DriverAdapterError' || 'syscall' in error))
  )
}

/** PostgreSQL's own code of a failure that Prisma passes on; null when it has none. */
function sqlState(error: Prisma.PrismaClientKnownRequestError): string | null {
  const cause = driverCause(error)
  const code = cause?.originalCode ?? cause?.code ?? error.meta?.code
  return typeof code === 'string' ? code : null
}

function driverCause(error: unknown): { originalCode?: unknown; code?: unknown } | null {
  const meta = (error as { meta?: { driverAdapterError?: { cause?: object } } }).meta
  return meta?.driverAdapterError?.cause ?? null
}

function describes(error: unknown, pattern: RegExp): boolean {
  return error instanceof Error && pattern.test(error.message)
}
