export type {
  Activity,
  ActivityType,
  Asset,
  AssetChange,
  AssetType,
  Coverage,
  DayChange,
  Holding,
  NewActivity,
  NewAsset,
  Price,
  PriceState,
  Pricing,
  Problem,
  Session,
  User,
  Valuation,
} from '../../src/protocol/resources.js'
export type { Activities, Assets } from './assets.js'
export type { Auth, Credentials, Me, ProfileChange, Registration } from './auth.js'
export { type ClientOptions, createClient, type HartaClient } from './client.js'
export type { ConnectionState } from './connection-state.js'
export { HartaError } from './errors.js'
export type { Store } from './listeners.js'
export type { HeldSession } from './session.js'
export type { SessionStorage, StorageOption } from './session-storage.js'
