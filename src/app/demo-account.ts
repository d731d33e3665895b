import { addDays, addMonths } from '../lib/calendar.js'
import type { Category, NewBudget, NewFlow, NewRecurringRule } from '../protocol/flows.js'
import type { NewContribution, NewGoal } from '../protocol/goals.js'
import type { NewAsset, Page } from '../protocol/resources.js'

/** What the demo's user owns, earns, spends and saves, entered through the public interface like anybody's. */
const OPENED: readonly NewAsset[] = [
  {
    type: 'CRYPTO',
    symbol: 'BTC-USD',
    name: 'Bitcoin',
    quantity: '0.42',
    unitCost: '41250',
    date: '2024-02-05',
  },
  {
    type: 'CRYPTO',
    symbol: 'ETH-USD',
    name: 'Ethereum',
    quantity: '4.75',
    unitCost: '2980.5',
    date: '2024-03-18',
  },
  {
    type: 'CRYPTO',
    symbol: 'SOL-USD',
    name: 'Solana',
    quantity: '38',
    unitCost: '171.2',
    date: '2024-11-12',
  },
  {
    type: 'CRYPTO',
    symbol: 'PAXG-USD',
    name: 'Gold (PAX)',
    quantity: '2.5',
    unitCost: '1935',
    date: '2023-10-02',
  },
  {
    type: 'STOCK',
    symbol: 'BBCA.JK',
    name: 'Bank Central Asia',
    quantity: '6500',
    unitCost: '7925',
    pricing: 'MANUAL',
    date: '2023-06-14',
  },
  {
    type: 'REAL',
    name: 'Flat in Bandung',
    unitCost: '690000000',
    date: '2021-08-20',
  },
  { type: 'CASH', name: 'Savings account', currency: 'IDR', quantity: '96450000', date: '2024-01-31' },
  { type: 'LIABILITY', name: 'Home loan', currency: 'IDR', quantity: '412500000', date: '2021-08-20' },
]

/** Of what no market prices here. */
const PRICES: Readonly<Record<string, readonly (readonly [date: string, unitPrice: string])[]>> = {
  'Bank Central Asia': [
    ['2023-06-14', '7925'],
    ['2023-12-29', '8240'],
    ['2024-06-28', '8710'],
    ['2024-12-30', '9175'],
    ['2025-06-30', '8825'],
    ['2025-12-30', '9260'],
    ['2026-06-30', '9390'],
    ['2026-09-30', '9450'],
  ],
  'Flat in Bandung': [
    ['2021-08-20', '690000000'],
    ['2022-08-20', '705000000'],
    ['2023-08-20', '728000000'],
    ['2024-08-20', '751000000'],
    ['2025-08-20', '770000000'],
    ['2026-08-20', '785000000'],
  ],
}

type Planned = Omit<NewRecurringRule, 'startsOn' | 'kind'> & {
  readonly category: string
  readonly day: string
}

const INCOMES: readonly Planned[] = [
  { name: 'Salary', amount: '24500000', frequency: 'MONTHLY', category: 'Salary', day: '01-25' },
]
const EXPENSES: readonly Planned[] = [
  { name: 'Home loan', amount: '4350000', frequency: 'MONTHLY', category: 'Housing', day: '01-05' },
  { name: 'Groceries', amount: '735000', frequency: 'WEEKLY', category: 'Groceries', day: '01-03' },
  { name: 'Eating out', amount: '415000', frequency: 'WEEKLY', category: 'Eating out', day: '01-06' },
  { name: 'Transport', amount: '640000', frequency: 'MONTHLY', category: 'Transport', day: '01-11' },
  {
    name: 'Electricity and water',
    amount: '885000',
    frequency: 'MONTHLY',
    category: 'Utilities',
    day: '01-18',
  },
  {
    name: 'Internet and phone',
    amount: '525000',
    frequency: 'MONTHLY',
    category: 'Phone and internet',
    day: '01-08',
  },
]

interface Api {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
}

/** `today` is the date where the user lives. */
export async function fillAccount(api: Api, today: string): Promise<void> {
  const assets = new Map<string, string>()
  for (const asset of OPENED) {
    const { id } = await api.post<{ id: string }>('/v1/assets', asset)
    assets.set(asset.name ?? '', id)
  }
  for (const [name, prices] of Object.entries(PRICES)) {
    const past = prices.map(([date, unitPrice]) => ({ date, unitPrice }))
    await api.post(`/v1/assets/${assets.get(name)}/prices`, past)
  }
  await planFlows(api, today)
  await setGoals(api, today, assets)
}

/** The last year and a half comes of rules that began then. */
async function planFlows(api: Api, today: string): Promise<void> {
  const { data: categories } = await api.get<Page<Category>>('/v1/categories?limit=100')
  const idOf = (name: string, kind: string): string | null =>
    categories.find((category) => category.kind === kind && category.name === name)?.id ?? null
  const begin = addMonths(today, -17).slice(0, 7)
  for (const kind of ['INCOME', 'EXPENSE'] as const) {
    for (const { category, day, ...rule } of kind === 'INCOME' ? INCOMES : EXPENSES) {
      const startsOn = `${begin}-${day.slice(3)}`
      const planned: NewRecurringRule = { ...rule, kind, startsOn, categoryId: idOf(category, kind) }
      await api.post('/v1/recurring', planned)
    }
  }
  const single: readonly (readonly [
    path: string,
    category: string,
    days: number,
    amount: string,
    note: string,
  ])[] = [
    ['expenses', 'Health', 9, '1250000', 'Dentist'],
    ['expenses', 'Leisure and travel', 34, '6800000', 'Long weekend in Lombok'],
    ['expenses', 'Clothing', 52, '1475000', 'Running shoes'],
    ['expenses', 'Clothing', 47, '-395000', 'Shirt brought back'],
    ['incomes', 'Bonus', 96, '18000000', 'Half-year bonus'],
  ]
  for (const [path, category, days, amount, note] of single) {
    const kind = path === 'incomes' ? 'INCOME' : 'EXPENSE'
    const flow: NewFlow = { amount, date: addDays(today, -days), categoryId: idOf(category, kind), note }
    await api.post(`/v1/${path}`, flow)
  }
  for (const [category, amount] of [
    ['Groceries', '3200000'],
    ['Eating out', '1600000'],
    ['Leisure and travel', '2500000'],
  ] as const) {
    const categoryId = idOf(category, 'EXPENSE')
    if (categoryId !== null) await api.post('/v1/budgets', { categoryId, amount } satisfies NewBudget)
  }
}

async function setGoals(api: Api, today: string, assets: ReadonlyMap<string, string>): Promise<void> {
  const bitcoin = assets.get('Bitcoin')
  const goals: readonly NewGoal[] = [
    { name: 'Journey to Japan', target: '45000000', basis: 'CONTRIBUTIONS', deadline: addMonths(today, 8) },
    { name: 'Two billion', target: '2000000000', basis: 'NET_WORTH' },
    ...(bitcoin === undefined
      ? []
      : [
          {
            name: 'Half a billion in Bitcoin',
            target: '500000000',
            basis: 'ASSETS',
            assetIds: [bitcoin],
          } as const,
        ]),
  ]
  for (const goal of goals) {
    const { id } = await api.post<{ id: string }>('/v1/goals', goal)
    if (goal.basis !== 'CONTRIBUTIONS') continue
    for (const [months, amount] of [
      [-5, '4000000'],
      [-4, '4000000'],
      [-3, '3500000'],
      [-2, '5000000'],
      [-1, '4000000'],
    ] as const) {
      const contribution: NewContribution = { amount, date: addMonths(today, months) }
      await api.post(`/v1/goals/${id}/contributions`, contribution)
    }
  }
}
