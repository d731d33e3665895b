import { type Fixed, ONE } from '../lib/decimal.js'
import { AppError } from '../lib/errors.js'

export function mistake(pointer: string, detail: string, code = 'invalid-input'): AppError {
  return new AppError('invalid', code, 'Some of what was sent cannot be accepted.', {
    errors: [{ pointer, detail }],
  })
}

const MOST: Fixed = 10n ** 20n * ONE

/** Whether it can be stored and told: 20 digits before the point at most. */
export function hasRoom(amount: Fixed): boolean {
  return amount < MOST && amount > -MOST
}

/** `pointer` is of the field that makes it so large; of the whole body where that is no single one. */
export function requireRoom(amount: Fixed, pointer = ''): void {
  if (hasRoom(amount)) return
  throw new AppError('invalid', 'amount-too-large', 'It would make an amount of more than 20 digits.', {
    errors: [{ pointer, detail: 'makes an amount of more than 20 digits' }],
  })
}
