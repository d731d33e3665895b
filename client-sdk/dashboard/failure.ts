import { HartaError } from '../src/index.js'
import { preferences } from './preferences.js'
import { fieldFault, refusals } from './refusal-words.js'
import type { Words } from './words.js'

/** An error in the words of the person in front of the page. */
export function explain(error: unknown, words: Words): string {
  if (!(error instanceof HartaError)) return String(error)
  const said = refusals[error.code]?.[preferences.language]
  if (said !== undefined) return said
  return error.status === 0 ? words.unreachable : error.detail
}

/** The same of what is wrong with one field. */
export function explainField(detail: string): string {
  return fieldFault(detail, preferences.language)
}
