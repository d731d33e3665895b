import type { FlowKind } from '../protocol/flows.js'
import type { AssetType } from '../protocol/resources.js'

/** What of a user is known while a file of his is read. */
export interface Known {
  readonly baseCurrency: string
  readonly locale: string
  /** His date now. */
  readonly today: string
  readonly assets: readonly KnownAsset[]
  readonly categories: readonly { readonly id: string; readonly kind: FlowKind; readonly name: string }[]
  /** Whether there is nothing but categories. */
  readonly empty: boolean
}

export interface KnownAsset {
  readonly id: string
  readonly type: AssetType
  readonly name: string
  readonly symbol: string | null
  readonly currency: string
}

/** What is stored already, as far as a row of a file may say the same; how often, by keys (keys.ts). */
export interface Stored {
  activities(assetIds: readonly string[]): Promise<Map<string, number>>
  flows(kind: FlowKind, from: string, to: string): Promise<Map<string, number>>
}
