import { HartaError } from '../src/index.js'
import type { Words } from './words.js'

/** An error in the words of the person in front of the page. */
export function explain(error: unknown, words: Words): string {
  if (!(error instanceof HartaError)) return String(error)
  if (error.status === 0) return words.unreachable
  if (error.status === 429) return words.limited
  if (error.status === 412) return words.changedMeanwhile
  if (error.code === 'email-taken') return words.emailTaken
  if (error.code === 'oversold') return words.oversold
  return error.detail
}
