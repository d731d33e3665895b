import type { z } from 'zod'

export interface FieldError {
  /** A JSON pointer (RFC 6901); the empty path is the whole body. */
  readonly pointer: string
  readonly detail: string
}
export type Path = readonly PropertyKey[]

const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
}

/** What is wrong, in our words, where the schema has none of its own; undefined leaves it to the library's. */
export function sentenceOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      if (issue.input === undefined) return 'is needed'
      const kind = KINDS[issue.expected]
      return kind && `must be ${kind}`
    }
    case 'invalid_value':
      return oneOf(issue.values)
    case 'invalid_union':
      return Array.isArray(issue.options) ? oneOf(issue.options) : undefined
    case 'too_big':
      return issue.inclusive ? most(issue.origin, issue.maximum) : undefined
    case 'too_small':
      return issue.inclusive ? least(issue.origin, issue.minimum) : undefined
    default:
      return undefined
  }
}

function oneOf(values: readonly unknown[]): string {
  return values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`
}

function most(origin: string, bound: number | bigint): string {
  if (origin === 'string') return `must have ${bound} characters at most`
  return origin === 'array' ? `must have ${bound} entries at most` : `must be ${bound} at most`
}

function least(origin: string, bound: number | bigint): string {
  if (origin === 'string') return `must have ${bound} characters at least`
  return origin === 'array' ? `must have ${bound} entries at least` : `must be ${bound} at least`
}

/** Each mistake where it is. Of what is of the wrong type altogether nothing else is told. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  const mistyped = new Set<string>()
  return issues.flatMap((issue) => {
    const pointer = pointerTo(issue.path)
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        pointer: pointerTo([...issue.path, key]),
        detail: 'is not known here',
      }))
    }
    if (mistyped.has(pointer)) return []
    if (issue.code === 'invalid_type') mistyped.add(pointer)
    return [{ pointer, detail: issue.message.slice(0, 300) }]
  })
}

/** A JSON pointer (RFC 6901); the empty path is the whole body. */
export function pointerTo(path: Path): string {
  return path
    .map((key) => `/${String(key).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}
