import type { AccountMoves } from '../assets/account-moves.js'
import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { LoadDated } from '../prices/dated.js'
import { budgets } from './budgets.js'
import { categories } from './categories.js'
import { flows } from './flows.js'
import { rules } from './rules.js'

export interface CashflowOptions {
  readonly db: Database
  readonly clock: Clock
  readonly dated: LoadDated
  readonly moves: AccountMoves
  /** Called after the balance of an account has changed and that is committed. */
  readonly changed: (userId: string) => void
}

/** What comes in and goes out, how it is sorted, what may be spent and what comes again. */
export type Cashflow = ReturnType<typeof cashflow>

export function cashflow({ db, clock, dated, moves, changed }: CashflowOptions) {
  const written = { db, clock, moves, changed }
  return {
    incomes: flows('INCOME', written),
    expenses: flows('EXPENSE', written),
    categories: categories({ db }),
    budgets: budgets({ db, clock, dated }),
    rules: rules({ db, clock }),
  }
}
