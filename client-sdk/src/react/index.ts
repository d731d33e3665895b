import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import type { Price, User, Valuation } from '../../../src/protocol/resources.js'
import type { HartaClient } from '../client.js'
import type { ConnectionState } from '../connection-state.js'
import type { Inbox } from '../notifications.js'

/** The live valuation; null until the first one comes. While a component uses it, the connection is wanted. */
export function usePortfolio(client: HartaClient): Valuation | null {
  const { subscribe, getSnapshot } = client.portfolio.store
  return useSyncExternalStore(subscribe, getSnapshot, () => null)
}

/** The inbox, live; null until it is known. */
export function useNotifications(client: HartaClient): Inbox | null {
  const { subscribe, getSnapshot } = client.notifications.store
  return useSyncExternalStore(subscribe, getSnapshot, () => null)
}

export function useConnectionState(client: HartaClient): ConnectionState {
  const { subscribe, getSnapshot } = client.connection
  return useSyncExternalStore(subscribe, getSnapshot, () => 'idle' as const)
}

/** Who is signed in. */
export function useUser(client: HartaClient): User | null {
  const { store } = client.auth
  const current = useCallback(() => store.getSnapshot()?.user ?? null, [store])
  return useSyncExternalStore(store.subscribe, current, () => null)
}

const NONE: readonly Price[] = []

/** Live prices of these symbols, those that are known; the list may be written in place. */
export function usePrices(client: HartaClient, symbols: readonly string[]): readonly Price[] {
  const key = symbols.join(' ')
  const [prices, setPrices] = useState(NONE)
  useEffect(() => {
    setPrices(NONE)
    return key === '' ? undefined : client.prices.watch(key.split(' '), setPrices)
  }, [client, key])
  return prices
}
