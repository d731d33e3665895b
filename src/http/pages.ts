import { z } from 'zod'
import type { Page } from '../protocol/resources.js'
import { describedAs } from './described.js'

/**
 * Lists by cursor: newest first, so that rows which come or go while somebody turns the pages neither repeat nor
 * hide others. Ids are UUIDs of version 7, which rise with the time at which they were made, so the id alone is
 * the order; an instant would tie for the rows of one transaction. A cursor names the last row that was handed
 * out; clients do not look into it.
 */
export interface Position {
  readonly id: string
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100

const position = z.tuple([z.guid()])

export function encodeCursor(row: Position): string {
  return encodeKey([row.id])
}

/** The cursor of a list that is not in the order of ids: `key` tells the last row that was handed out. */
export function encodeKey(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

/** Reads such a cursor. */
export function keyCursor<K extends z.ZodType>(key: K) {
  return z
    .string()
    .max(200)
    .transform((text, ctx): z.output<K> => {
      const read = key.safeParse(decode(text))
      if (read.success) return read.data
      ctx.addIssue({ code: 'custom', message: 'is not a cursor of this list' })
      return z.NEVER
    })
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** How many rows a list hands out at once. */
export function limitUpTo(most: number, unlessTold: number) {
  const text = z
    .string('must be given once')
    .regex(/^[1-9]\d{0,3}$/, `must be a whole number from 1 to ${most}`)
    .transform(Number)
    .pipe(z.number().max(most, `must be ${most} at most`))
    .default(unlessTold)
  return describedAs(text, z.int().min(1).max(most).default(unlessTold))
}

/** `limit` as most lists take it. */
export const limit = limitUpTo(MAX_LIMIT, DEFAULT_LIMIT)
const cursor = keyCursor(position).transform(([id]): Position => ({ id }))

/** Query of a list. */
export const pageQuery = z.strictObject({ limit, cursor: cursor.optional() })

export interface PageAsk {
  readonly limit: number
  readonly cursor?: Position | undefined
}

/** What a query by page needs: its filter, its order, and one row more than asked, which tells of a next page. */
export function pageClause(ask: PageAsk) {
  const { limit, cursor } = ask
  return {
    where: cursor ? { id: { lt: cursor.id } } : {},
    orderBy: { id: 'desc' as const },
    take: limit + 1,
  }
}

/** The page from the rows that `pageClause` brought. */
export function pageOf<Row extends Position, T>(
  rows: readonly Row[],
  limit: number,
  toResource: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { data: shown.map(toResource), nextCursor: rows.length > limit && last ? encodeCursor(last) : null }
}

/** The answer's schema of a list; named after its items, where these have a name. */
export function pageSchema<T extends z.ZodType>(item: T) {
  const id = item.meta()?.id
  const page = z.object({ data: z.array(item).readonly(), nextCursor: z.string().nullable() })
  return id === undefined ? page : page.meta({ id: `${id}Page` })
}
