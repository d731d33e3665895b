import { AppError } from '../lib/errors.js'

export function mistake(pointer: string, detail: string): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: [{ pointer, detail }],
  })
}

/** What is not there, and what is somebody else's. */
export function missing(what: string): AppError {
  return new AppError('missing', 'not-found', `There is no such ${what}.`)
}

export function noAccount(): AppError {
  return new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
}

/** Compares the version that a client expects, and throws when it is another. */
export type CheckVersion = (current: { readonly id: string; readonly version: number }) => void
