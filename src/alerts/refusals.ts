import { AppError } from '../lib/errors.js'

export function mistake(pointer: string, detail: string): AppError {
  return new AppError('invalid', 'invalid-input', 'Some of what was sent cannot be accepted.', {
    errors: [{ pointer, detail }],
  })
}

export function noAlert(): AppError {
  return new AppError('missing', 'not-found', 'There is no such alert.')
}
