/** What went wrong, in words that know nothing of HTTP; the doors (HTTP and socket) translate. */
export type Fault =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'missing'
  | 'conflict'
  | 'limited'
  | 'unavailable'

export interface FaultDetails {
  /** One entry for each mistaken field; `pointer` is a JSON pointer into what was sent. */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
  readonly retryAfterSeconds?: number
  readonly cause?: unknown
}

/** An expected failure that a caller may be told about. `code` is stable; `detail` is for a person. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly fault: Fault
  readonly code: string
  readonly details: FaultDetails

  constructor(fault: Fault, code: string, detail: string, details: FaultDetails = {}) {
    super(detail, details.cause === undefined ? undefined : { cause: details.cause })
    this.fault = fault
    this.code = code
    this.details = details
  }
}

/** What was thrown, which may be anything, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
