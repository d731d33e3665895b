import { z } from 'zod'
import type { Page } from '../protocol/resources.js'

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
  return Buffer.from(JSON.stringify([row.id])).toString('base64url')
}

function decodeCursor(text: string): Position | null {
  try {
    const read = position.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')))
    return read.success ? { id: read.data[0] } : null
  } catch {
    return null
  }
}

const cursor = z
  .string()
  .max(200)
  .transform((text, ctx): Position => {
    const found = decodeCursor(text)
    if (found) return found
    ctx.addIssue({ code: 'custom', message: 'is not a cursor of this list' })
    return z.NEVER
  })

const limit = z
  .string('must be given once')
  .regex(/^[1-9]\d{0,2}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .transform(Number)
  .pipe(z.number().max(MAX_LIMIT, `must be ${MAX_LIMIT} at most`))
  .default(DEFAULT_LIMIT)

/** Query of a list; spread it into a strict object that has filters too. */
const pageShape = { limit, cursor: cursor.optional() }
export const pageQuery = z.strictObject(pageShape)

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

/** The answer's schema of a list. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item).readonly(), nextCursor: z.string().nullable() })
}
