import type { Database, Tx } from '../database/database.js'
import { isDuplicate } from '../database/failures.js'
import { AppError } from '../lib/errors.js'
import type { Category } from '../protocol/flows.js'
import type { Page } from '../protocol/resources.js'
import { categoryStore } from './category-store.js'
import { flowStore } from './flow-store.js'
import { profileStore } from './profile-store.js'
import { type CheckVersion, missing } from './refusals.js'
import { ruleStore } from './rule-store.js'
import type { CategoryQuery, NewCategory } from './schema.js'

/** What incomes and expenses are sorted by. */
export type Categories = ReturnType<typeof categories>

export function categories({ db }: { readonly db: Database }) {
  async function existing(tx: Tx, userId: string, id: string): Promise<Category> {
    const category = await categoryStore.find(tx, userId, id)
    if (!category) throw missing('category')
    return category
  }

  /** The category as it stands until the transaction ends, in the version that the client expects. */
  async function expected(tx: Tx, userId: string, id: string, checkVersion: CheckVersion): Promise<Category> {
    await profileStore.takeTurn(tx, userId)
    const category = await existing(tx, userId, id)
    checkVersion(category)
    return category
  }

  return {
    list: (userId: string, ask: CategoryQuery): Promise<Page<Category>> =>
      db.asUser(userId, (tx) => categoryStore.list(tx, userId, ask)),

    get: (userId: string, id: string): Promise<Category> =>
      db.asUser(userId, (tx) => existing(tx, userId, id)),

    /** Throws AppError conflict `category-exists`. */
    create: (userId: string, input: NewCategory): Promise<Category> =>
      db.asUser(userId, (tx) => categoryStore.insert(tx, userId, input)).catch(refuseSecond),

    /** Throws AppError conflict `category-exists`. */
    rename: (userId: string, id: string, name: string, checkVersion: CheckVersion): Promise<Category> =>
      db
        .asUser(userId, async (tx) => {
          await expected(tx, userId, id, checkVersion)
          return categoryStore.rename(tx, userId, id, name)
        })
        .catch(refuseSecond),

    /** Its entries stay and are of no category from then on; its budgets go. */
    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      db.asUser(userId, async (tx) => {
        const { kind } = await expected(tx, userId, id, checkVersion)
        await flowStore.release(tx, userId, kind, { categoryId: id })
        await ruleStore.releaseCategory(tx, userId, id)
        await categoryStore.remove(tx, userId, id)
      }),
  }
}

function refuseSecond(error: unknown): never {
  if (!isDuplicate(error)) throw error
  throw new AppError('conflict', 'category-exists', 'There is such a category already.')
}
