export type * from '../../src/protocol/alerts.js'
export type * from '../../src/protocol/flows.js'
export type * from '../../src/protocol/goals.js'
export type * from '../../src/protocol/imports.js'
export type * from '../../src/protocol/insights.js'
export type * from '../../src/protocol/notifications.js'
export type * from '../../src/protocol/resources.js'
export type { Auth, Credentials, Me, PasswordChange, ProfileChange, Registration } from './auth.js'
export { type ClientOptions, createClient, type HartaClient } from './client.js'
export type { ConnectionState } from './connection-state.js'
export { HartaError } from './errors.js'
export type {
  Activities,
  ActivityFilter,
  AlertFilter,
  Alerts,
  AssetPrices,
  Assets,
  Budgets,
  Categories,
  EveryActivity,
  FlowFilter,
  Flows,
  Goals,
  Imports,
  Insights,
  Instruments,
  Ledger,
  Push,
  Recurring,
  WebhookChange,
  WebhookDeliveries,
  Webhooks,
} from './ledger.js'
export type { Store } from './listeners.js'
export type { Inbox, NotificationEvent, NotificationFilter, Tried } from './notifications.js'
export type { HistoryQuery, PerformanceQuery } from './portfolio.js'
export type { CandleQuery } from './prices.js'
export type { Collection, CreateOptions, Listing, PageSize, Target } from './resource.js'
export type { HeldSession } from './session.js'
export type { SessionStorage, StorageOption } from './session-storage.js'
