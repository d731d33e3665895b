import type { PushSubscription as Kept } from '../../../src/protocol/notifications.js'
import type { HartaClient } from '../client.js'
import { HartaError } from '../errors.js'

/**
 * Web Push (W3C Push API): the browser's push service wakes a service worker while no page is open. A browser has
 * one subscription, made for the key of one server; the server keeps it for the user who subscribed last.
 */
export interface PushOptions {
  /** Where the page's origin has `harta-push-worker.js`; `/harta-push-worker.js`. */
  readonly serviceWorkerUrl?: string
  /** A worker of the page's own, which imports that file. */
  readonly registration?: ServiceWorkerRegistration
}

/** `unsupported`: the browser, or a page without https; `denied`: the user has refused, in the browser's settings. */
export type PushState = 'unsupported' | 'denied' | 'off' | 'on'

const WORKER = '/harta-push-worker.js'

/** Whether this browser is woken; with a client, whether it is woken for the user who is signed in. */
export async function pushState(harta?: HartaClient, options: PushOptions = {}): Promise<PushState> {
  if (!isSupported()) return 'unsupported'
  if (Notification.permission === 'denied') return 'denied'
  const subscription = await (await registered(options))?.pushManager.getSubscription()
  if (!subscription || Notification.permission !== 'granted') return 'off'
  return harta === undefined || (await keptOf(harta, subscription.endpoint)) ? 'on' : 'off'
}

/**
 * Asks the user where he has not been asked yet, so call it from a click; later it asks nothing, and tells the
 * server what the browser has changed by itself. Throws HartaError `push-unsupported` or `push-denied`.
 */
export async function subscribeToPush(harta: HartaClient, options: PushOptions = {}): Promise<Kept> {
  if (!isSupported()) throw new HartaError('push-unsupported', 'This browser cannot be woken.')
  if ((await Notification.requestPermission()) !== 'granted')
    throw new HartaError('push-denied', 'Notifications are not allowed in this browser.')
  const { publicKey } = await harta.push.key()
  const { pushManager } = await active(
    options.registration ?? (await navigator.serviceWorker.register(options.serviceWorkerUrl ?? WORKER)),
  )
  const key = bytesOf(publicKey)
  let subscription = await pushManager.getSubscription()
  if (subscription && !isSame(subscription.options.applicationServerKey, key)) {
    await subscription.unsubscribe()
    subscription = null
  }
  subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint, expirationTime, keys } = subscription.toJSON()
  return harta.push.create({
    endpoint: endpoint ?? '',
    keys: { p256dh: keys?.p256dh ?? '', auth: keys?.auth ?? '' },
    expirationTime: expirationTime ?? null,
  })
}

/** Neither the browser nor the server keeps the subscription any more; call it before signing out as well. */
export async function unsubscribeFromPush(harta: HartaClient, options: PushOptions = {}): Promise<void> {
  if (!isSupported()) return
  const subscription = await (await registered(options))?.pushManager.getSubscription()
  if (!subscription) return
  try {
    const kept = await keptOf(harta, subscription.endpoint)
    if (kept) await harta.push.remove(kept.id)
  } finally {
    // What the server still has is refused by the push service from now on, and forgotten then.
    await subscription.unsubscribe()
  }
}

function isSupported(): boolean {
  return ['Notification', 'PushManager', 'ServiceWorkerRegistration'].every((name) => name in globalThis)
}

async function registered(options: PushOptions): Promise<ServiceWorkerRegistration | undefined> {
  return (
    options.registration ??
    (await navigator.serviceWorker.getRegistration(options.serviceWorkerUrl ?? WORKER))
  )
}

async function keptOf(harta: HartaClient, endpoint: string): Promise<Kept | null> {
  for await (const kept of harta.push.list()) if (kept.endpoint === endpoint) return kept
  return null
}

/** A worker that is being installed cannot be subscribed yet. */
async function active(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  const worker = registration.installing ?? registration.waiting
  if (registration.active || !worker) return registration
  return new Promise((resolve, reject) => {
    worker.addEventListener('statechange', () => {
      if (worker.state === 'activated') resolve(registration)
      if (worker.state === 'redundant') reject(new HartaError('push-unsupported', 'The worker has failed.'))
    })
  })
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from([...text], (sign) => sign.charCodeAt(0))
}

function isSame(held: ArrayBuffer | null, key: Uint8Array): boolean {
  const bytes = new Uint8Array(held ?? new ArrayBuffer(0))
  return bytes.length === key.length && bytes.every((byte, place) => byte === key[place])
}
