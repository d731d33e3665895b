import { checkAsset } from '../assets/new-asset.js'
import { type NewAsset, newAsset } from '../assets/schema.js'
import { newCategory } from '../cashflow/schema.js'
import { AppError } from '../lib/errors.js'
import type { FlowKind } from '../protocol/flows.js'
import type { Known, KnownAsset } from './known.js'
import type { Draft, Step } from './plan.js'

/** A row, or a part of one, that cannot be taken over. */
export class Mistaken extends Error {
  readonly field: string | null

  constructor(field: string | null, detail: string) {
    super(detail)
    this.field = field
  }
}

const MOST_ASSETS = 1_000

/** Assets and categories by what a file calls them; those that there are not yet are made on the way. */
export function names(
  draft: Draft,
  known: Known,
  options: { readonly aside: boolean; readonly exact?: boolean },
) {
  const byId = new Map<string, KnownAsset>()
  const byName = new Map<string, KnownAsset[]>()
  const bySymbol = new Map<string, KnownAsset[]>()
  const add = (asset: KnownAsset): void => {
    byId.set(asset.id, asset)
    append(byName, asset.name.toLowerCase(), asset)
    if (asset.symbol !== null) append(bySymbol, asset.symbol, asset)
  }
  for (const asset of known.assets) add(asset)
  const categoryKey = (kind: FlowKind, name: string): string =>
    `${kind} ${options.exact ? name : name.toLowerCase()}`
  const categories = new Map(known.categories.map((one) => [categoryKey(one.kind, one.name), one.id]))
  const aside = options.aside ? ({ aside: true } as const) : {}

  const named = (name: string): readonly KnownAsset[] => byName.get(name.toLowerCase()) ?? []

  function make(row: number, input: NewAsset): KnownAsset {
    const read = newAsset.safeParse(input)
    const [issue] = read.error?.issues ?? []
    if (!read.success) throw new Mistaken(String(issue?.path[0] ?? 'asset'), issue?.message ?? 'is no asset')
    if (byId.size >= MOST_ASSETS) throw new Mistaken('asset', `an account can hold ${MOST_ASSETS} assets`)
    const { listing } = checked(() => checkAsset(read.data))
    const { type } = read.data
    const currency = listing?.currency ?? read.data.currency ?? known.baseCurrency
    const name = read.data.name ?? listing?.name ?? type
    const asset = { id: draft.newId(), type, name, symbol: listing?.symbol ?? null, currency }
    const step: Step = { what: 'asset', row, ...aside, id: asset.id, asset: { ...read.data, name, currency } }
    draft.steps.push(step)
    draft.count('assets')
    add(asset)
    return asset
  }

  return {
    byId: (id: string): KnownAsset | undefined => byId.get(id),

    named,

    /** By both where both are told; a symbol goes before a name. */
    find({
      name,
      symbol,
    }: {
      readonly name: string | null
      readonly symbol: string | null
    }): KnownAsset | undefined {
      if (symbol === null) return name === null ? undefined : named(name)[0]
      const listed = bySymbol.get(symbol) ?? []
      return (
        listed.find((asset) => name !== null && asset.name === name) ??
        (name === null ? listed[0] : undefined)
      )
    },

    make,

    /** An account of this name. */
    account(row: number, name: string, currency: string): KnownAsset {
      const found = named(name)
      const account = found.find(({ type }) => type === 'CASH' || type === 'LIABILITY')
      if (account) return account
      if (found.length > 0) throw new Mistaken('account', `${name} is no account`)
      return make(row, { type: 'CASH', name, currency })
    },

    /** The category of this kind and name. */
    category(row: number, kind: FlowKind, name: string): string {
      const read = newCategory.safeParse({ kind, name })
      if (!read.success) throw new Mistaken('category', read.error.issues[0]?.message ?? 'is no name')
      const key = categoryKey(kind, read.data.name)
      const found = categories.get(key)
      if (found !== undefined) return found
      const id = draft.newId()
      draft.steps.push({ what: 'category', row, ...aside, id, kind, name: read.data.name })
      draft.count('categories')
      categories.set(key, id)
      return id
    },
  }
}

export type Names = ReturnType<typeof names>

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const known = lists.get(key)
  if (known) known.push(item)
  else lists.set(key, [item])
}

/** What the rules refuse, as a mistake of the row. */
export function checked<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const [first] = error.details.errors ?? []
    throw new Mistaken(first?.pointer.slice(1) || null, first?.detail ?? error.message)
  }
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What a schema makes of a value; throws Mistaken with its first complaint. */
export function shaped<T>(
  schema: {
    safeParse(
      value: unknown,
    ): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } }
  },
  value: unknown,
): T {
  const read = schema.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Mistaken(issue?.path.map(String).join('.') || null, issue?.message ?? 'is not as it has to be')
}
