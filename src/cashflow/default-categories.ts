import type { Tx } from '../database/database.js'
import type { FlowKind, NewCategory } from '../protocol/flows.js'
import { categoryStore } from './category-store.js'

/** What a new user finds, to be renamed, added to and removed; in Indonesian where that is the user's language. */
const DEFAULTS: Readonly<Record<'en' | 'id', Readonly<Record<FlowKind, readonly string[]>>>> = {
  en: {
    INCOME: [
      'Salary',
      'Bonus',
      'Business',
      'Freelance work',
      'Interest and dividends',
      'Rent received',
      'Gifts received',
      'Other income',
    ],
    EXPENSE: [
      'Housing',
      'Groceries',
      'Eating out',
      'Transport',
      'Utilities',
      'Phone and internet',
      'Health',
      'Insurance',
      'Education',
      'Clothing',
      'Leisure and travel',
      'Gifts and donations',
      'Taxes and fees',
      'Other expenses',
    ],
  },
  id: {
    INCOME: [
      'Gaji',
      'Bonus dan THR',
      'Usaha',
      'Pekerjaan lepas',
      'Bunga dan dividen',
      'Sewa diterima',
      'Hadiah diterima',
      'Pemasukan lain',
    ],
    EXPENSE: [
      'Tempat tinggal',
      'Belanja harian',
      'Makan di luar',
      'Transportasi',
      'Listrik dan air',
      'Pulsa dan internet',
      'Kesehatan',
      'Asuransi',
      'Pendidikan',
      'Pakaian',
      'Hiburan dan perjalanan',
      'Hadiah dan sedekah',
      'Pajak dan biaya',
      'Pengeluaran lain',
    ],
  },
}

/** Gives a new user his categories, in the transaction that makes him. */
export async function welcome(
  tx: Tx,
  { userId, locale }: { readonly userId: string; readonly locale: string },
): Promise<void> {
  await categoryStore.insertAll(tx, userId, defaultCategories(locale))
}

function defaultCategories(locale: string): readonly NewCategory[] {
  const names = DEFAULTS[/^id(-|$)/i.test(locale) ? 'id' : 'en']
  const of = (kind: FlowKind) => names[kind].map((name) => ({ kind, name }))
  return [...of('INCOME'), ...of('EXPENSE')]
}
