import type { Alert, AlertChange, AlertState, NewAlert } from '../../src/protocol/alerts.js'
import type {
  Budget,
  Category,
  Flow,
  FlowKind,
  NewBudget,
  NewCategory,
  NewFlow,
  NewRecurringRule,
  RecurringRule,
} from '../../src/protocol/flows.js'
import type { Contribution, Goal, NewContribution, NewGoal } from '../../src/protocol/goals.js'
import type { Import, NewImport } from '../../src/protocol/imports.js'
import type { Cashflow, Health } from '../../src/protocol/insights.js'
import type {
  NewPushSubscription,
  NewWebhook,
  PushSubscription,
  Webhook,
  WebhookDelivery,
  WebhookWithSecret,
} from '../../src/protocol/notifications.js'
import type {
  Activity,
  ActivityChange,
  ActivityType,
  Asset,
  AssetChange,
  AssetPrice,
  CalendarDate,
  Instrument,
  NewActivity,
  NewAsset,
  NewAssetPrice,
  Page,
} from '../../src/protocol/resources.js'
import { patient, type Request } from './request.js'
import {
  at,
  type Collection,
  type CreateOptions,
  collection,
  type Listing,
  type PageSize,
} from './resource.js'

/** Everything that is owned, earned, spent and saved, and what it means. */
export interface Ledger {
  readonly assets: Assets
  readonly activities: EveryActivity
  readonly incomes: Flows
  readonly expenses: Flows
  readonly categories: Categories
  readonly budgets: Budgets
  readonly recurring: Recurring
  readonly goals: Goals
  readonly alerts: Alerts
  readonly webhooks: Webhooks
  readonly push: Push
  readonly insights: Insights
  readonly imports: Imports
  readonly instruments: Instruments
}

export interface Assets extends Collection<Asset, NewAsset, AssetChange> {
  /** What was done with an asset. */
  activities(assetId: string): Activities
  /** What one unit of an asset was worth, newest first. */
  prices(assetId: string): AssetPrices
}

export interface ActivityFilter {
  /** The first and the last date. */
  readonly from?: CalendarDate
  readonly to?: CalendarDate
  readonly type?: ActivityType
}

export type Activities = Collection<Activity, NewActivity, ActivityChange, ActivityFilter>

/** The activities of all assets. */
export interface EveryActivity {
  list(query?: ActivityFilter & PageSize & { readonly assetId?: string }): Listing<Activity>
}

export interface AssetPrices {
  list(query?: PageSize): Listing<AssetPrice>
  /** Of `pricing: 'MANUAL'`: the price of one day, or of up to 1,000. */
  create(price: NewAssetPrice): Promise<AssetPrice>
  create(prices: readonly NewAssetPrice[]): Promise<Page<AssetPrice>>
}

export interface FlowFilter {
  /** The first and the last date. */
  readonly from?: CalendarDate
  readonly to?: CalendarDate
  readonly categoryId?: string
  readonly assetId?: string
  readonly tag?: string
  /** Words of the note. */
  readonly query?: string
}

export type Flows = Collection<Flow, NewFlow, Partial<NewFlow>, FlowFilter>

export type Categories = Collection<
  Category,
  NewCategory,
  Pick<NewCategory, 'name'>,
  { readonly kind?: FlowKind }
>

export type Recurring = Collection<RecurringRule, NewRecurringRule, Partial<Omit<NewRecurringRule, 'kind'>>>

/** With `month` (`YYYY-MM`) what was spent is of that month. */
export type Budgets = Collection<Budget, NewBudget, Partial<NewBudget>, { readonly month?: string }>

export interface Goals extends Collection<Goal, NewGoal> {
  contributions(goalId: string): Collection<Contribution, NewContribution>
}

export interface AlertFilter {
  readonly kind?: Alert['kind']
  readonly state?: AlertState
  readonly symbol?: string
}

/** What the user asked to be told. */
export type Alerts = Collection<Alert, NewAlert, AlertChange, AlertFilter>

export interface WebhookChange {
  readonly name?: string | null
  readonly url?: string
  readonly events?: Webhook['events']
  readonly disabled?: boolean
}

export interface Webhooks extends Omit<Collection<Webhook, NewWebhook, WebhookChange>, 'create'> {
  /** The secret is told here and at its rotation, and never again. */
  create(entry: NewWebhook, options?: CreateOptions): Promise<WebhookWithSecret>
  rotate(id: string): Promise<{ readonly secret: string }>
  /** Sends it a test. */
  test(id: string): Promise<WebhookDelivery>
  /** What was sent to it. */
  deliveries(webhookId: string): WebhookDeliveries
}

export interface WebhookDeliveries
  extends Pick<
    Collection<WebhookDelivery, never, never, { readonly state?: WebhookDelivery['state'] }>,
    'list' | 'get'
  > {
  /** Sends it once more, under the same id. */
  replay(id: string): Promise<WebhookDelivery>
}

/** Browsers that want to be woken; `harta-client/push` does what is left to do. */
export interface Push
  extends Pick<Collection<PushSubscription, NewPushSubscription>, 'list' | 'get' | 'create' | 'remove'> {
  /** What a browser subscribes to, base64url. */
  key(): Promise<{ readonly publicKey: string }>
}

export interface Insights {
  /** Of one month (`YYYY-MM`), or of the days from `from` to `to`. */
  cashflow(
    query?: { readonly month: string } | { readonly from: CalendarDate; readonly to: CalendarDate },
  ): Promise<Cashflow>
  health(): Promise<Health>
}

export interface Imports extends Pick<Collection<Import, NewImport>, 'list' | 'get' | 'create' | 'remove'> {
  /** Writes what was previewed. */
  confirm(id: string): Promise<Import>
}

export interface Instruments extends Pick<Collection<Instrument, never>, 'get'> {
  /** By symbol, name or ISIN. */
  list(query: PageSize & { readonly query: string }): Listing<Instrument>
}

export function createLedger(request: Request): Ledger {
  const slow = patient(request)
  const of = <C>(path: string): C => collection(request, `/v1/${path}`) as C
  const below = <C>(path: string, id: string, name: string): C => of(`${at(path, id)}/${name}`)
  const act = <A>(path: string, id: string, name: string, by = request): Promise<A> =>
    by('POST', `/v1/${at(path, id)}/${name}`)
  return {
    assets: {
      ...of<Assets>('assets'),
      activities: (id) => below('assets', id, 'activities'),
      prices: (id) => below('assets', id, 'prices'),
    },
    activities: of('activities'),
    incomes: of('incomes'),
    expenses: of('expenses'),
    categories: of('categories'),
    budgets: of('budgets'),
    recurring: of('recurring'),
    goals: { ...of<Goals>('goals'), contributions: (id) => below('goals', id, 'contributions') },
    alerts: of('alerts'),
    webhooks: {
      ...of<Webhooks>('webhooks'),
      rotate: (id) => act('webhooks', id, 'rotate'),
      test: (id) => act('webhooks', id, 'test'),
      deliveries: (webhookId) => ({
        ...below<WebhookDeliveries>('webhooks', webhookId, 'deliveries'),
        replay: (id) => act(`${at('webhooks', webhookId)}/deliveries`, id, 'replay'),
      }),
    },
    push: { ...of<Push>('push/subscriptions'), key: () => request('GET', '/v1/push/key') },
    insights: {
      cashflow: (query) => request('GET', '/v1/insights/cashflow', { query }),
      health: () => request('GET', '/v1/insights/health'),
    },
    imports: {
      ...collection<Import, NewImport>(slow, '/v1/imports'),
      confirm: (id) => act('imports', id, 'confirm', slow),
    },
    instruments: of('instruments'),
  }
}
