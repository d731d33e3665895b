import type { Tx } from '../database/database.js'
import { pageClause, pageOf } from '../http/pages.js'
import type { Category, FlowKind, NewCategory } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import type { CategoryQuery } from './schema.js'

/** Inside the transaction of one user; two of one kind and name are refused as a duplicate (database/failures.ts). */
export const categoryStore = {
  async list(tx: Tx, userId: string, ask: CategoryQuery): Promise<Page<Category>> {
    const { where, ...rest } = pageClause(ask)
    const kind = ask.kind === undefined ? {} : { kind: ask.kind }
    const rows = await tx.category.findMany({ where: { userId, ...kind, ...where }, ...rest })
    return pageOf(rows, ask.limit, toCategory)
  },

  async find(tx: Tx, userId: string, id: string): Promise<Category | null> {
    const row = await tx.category.findFirst({ where: { userId, id } })
    return row && toCategory(row)
  },

  async insert(tx: Tx, userId: string, { kind, name }: NewCategory): Promise<Category> {
    return toCategory(await tx.category.create({ data: { userId, kind, name } }))
  },

  async insertAll(tx: Tx, userId: string, all: readonly NewCategory[]): Promise<void> {
    await tx.category.createMany({ data: all.map(({ kind, name }) => ({ userId, kind, name })) })
  },

  async rename(tx: Tx, userId: string, id: string, name: string): Promise<Category> {
    const row = await tx.category.update({
      where: { userId_id: { userId, id } },
      data: { name, version: { increment: 1 } },
    })
    return toCategory(row)
  },

  /** Its budgets go with it. */
  async remove(tx: Tx, userId: string, id: string): Promise<void> {
    await tx.category.delete({ where: { userId_id: { userId, id } } })
  },
}

interface CategoryRow {
  readonly id: string
  readonly kind: FlowKind
  readonly name: string
  readonly version: number
}

function toCategory({ id, kind, name, version }: CategoryRow): Category {
  return { id, kind, name, version }
}
