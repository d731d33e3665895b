import type { FlowValues } from '../cashflow/flow-store.js'
import { newFlow } from '../cashflow/schema.js'
import type { FlowKind } from '../protocol/flows.js'
import { type Candidate, flowKey } from './candidates.js'
import type { CsvContext, RowReader } from './csv-activities.js'
import { quote, type Row } from './csv-row.js'
import type { CsvRecord } from './csv-text.js'
import { readNumber } from './csv-values.js'
import { Mistaken, shaped } from './names.js'

/**
 * Reads rows as incomes and expenses. As `expenses` an amount is spent and a negative one is a refund, unless the
 * file has negative amounts alone, as banks write what is spent. As `flows` the signs decide, or a column for each.
 */
export function flowRows(
  context: CsvContext,
  records: readonly CsvRecord[],
  places: ReadonlyMap<string, number>,
): RowReader {
  const { draft, known, resolve, reading, currency, account, own } = context
  const opposite = !own && reading.kind === 'expenses' && onlyNegative(records, places, reading.decimal)

  const read = (row: Row): Candidate => {
    const date = row.date()
    if (date > known.today) throw new Mistaken('date', 'lies in the future')
    const { kind, amount } = moneyOf(row, reading.kind, opposite)
    const holder = row.text('account')
    const told = (row.text('currency') ?? currency)?.toUpperCase()
    const holding = holder === null ? account : resolve.account(row.row, holder, told ?? known.baseCurrency)
    if (holding && holding.type !== 'CASH' && holding.type !== 'LIABILITY')
      throw new Mistaken('account', `${holding.name} is no account`)
    const note = row.text('note')
    const tags = row.text('tags')
    const read = shaped(newFlow[kind], {
      ...{ amount, date, currency: told ?? holding?.currency ?? known.baseCurrency },
      ...(note === null ? {} : { note }),
      ...(tags === null
        ? {}
        : {
            tags: tags
              .split(/[,;|]/)
              .map((tag) => tag.trim())
              .filter(Boolean),
          }),
    })
    const category = row.text('category')
    const flow: FlowValues = {
      amount: read.amount,
      currency: read.currency ?? known.baseCurrency,
      date,
      categoryId: category === null ? null : resolve.category(row.row, kind, category),
      assetId: holding?.id ?? null,
      ruleId: null,
      note: read.note ?? null,
      tags: read.tags ?? [],
    }
    draft.count(kind === 'INCOME' ? 'incomes' : 'expenses')
    return {
      row: row.row,
      date,
      key: flowKey(kind, flow),
      of: { flow: kind },
      step: () => ({
        ...({ what: 'flow', row: row.row, kind, id: draft.newId(), flow } as const),
        move: flow.assetId === null ? null : { ...draft.seat(), kept: null },
      }),
    }
  }
  return { prepare: () => {}, read }
}

function onlyNegative(
  records: readonly CsvRecord[],
  places: ReadonlyMap<string, number>,
  decimal: '.' | ',',
): boolean {
  const place = places.get('amount')
  if (place === undefined) return false
  const amounts = records
    .map(({ cells }) => readNumber(cells[place] ?? '', decimal))
    .filter((one) => one !== null)
  return amounts.length > 0 && amounts.every((amount) => amount.startsWith('-'))
}

interface Money {
  readonly kind: FlowKind
  readonly amount: string
}

function moneyOf(row: Row, told: CsvContext['reading']['kind'], opposite: boolean): Money {
  const [amount, debit, credit] = [row.number('amount'), row.number('debit'), row.number('credit')]
  const sides = [debit, credit].filter((one) => one !== null && !isZero(one))
  if (sides.length > 1) throw new Mistaken('debit', 'and credit are both filled')
  if (told === 'incomes' || told === 'expenses') {
    const one = amount ?? (told === 'incomes' ? credit : debit)
    if (one === null) throw new Mistaken('amount', 'is empty')
    return { kind: told === 'incomes' ? 'INCOME' : 'EXPENSE', amount: opposite ? negated(one) : one }
  }
  if (sides.length === 1) {
    const spent = debit !== null && !isZero(debit)
    return { kind: spent ? 'EXPENSE' : 'INCOME', amount: absolute(sides[0] ?? '0') }
  }
  if (amount === null || isZero(amount))
    throw new Mistaken('amount', amount === null ? 'is empty' : 'is zero')
  const kind = directionOf(row.text('type'))
  if (kind !== null) return { kind, amount: absolute(amount) }
  return { kind: amount.startsWith('-') ? 'EXPENSE' : 'INCOME', amount: absolute(amount) }
}

const SPENT = new Set(
  'expense expenses pengeluaran debit debet db d out keluar withdrawal spending'.split(' '),
)
const EARNED = new Set('income incomes pemasukan penerimaan credit kredit cr c k in masuk deposit'.split(' '))

function directionOf(told: string | null): FlowKind | null {
  if (told === null) return null
  const word = told.toLowerCase().replace(/[^a-z]/g, '')
  if (SPENT.has(word)) return 'EXPENSE'
  if (EARNED.has(word)) return 'INCOME'
  throw new Mistaken('type', `${quote(told)} tells neither income nor expense`)
}

function isZero(amount: string): boolean {
  return /^-?0(\.0*)?$/.test(amount)
}

function absolute(amount: string): string {
  return amount.replace('-', '')
}

function negated(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`
}
