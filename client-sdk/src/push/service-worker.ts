/**
 * Shows what the server sends through the browser's push service. One notification has one id, which is its tag:
 * what is delivered twice, or shown by an open page as well, shows once.
 */
interface Told {
  readonly id: string
  readonly title: string
  readonly body: string
  /** Page that it is about. */
  readonly url: string
  readonly at: string
}

/** What a worker has that a page has not, as far as it is used here (Service Workers, Push API). */
interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface PushEvent extends Extendable {
  readonly data: { json(): unknown } | null
}
interface ClickEvent extends Extendable {
  readonly notification: Notification
}
interface ChangeEvent extends Extendable {
  readonly oldSubscription: PushSubscription | null
}
interface OpenPage {
  readonly url: string
  focus(): Promise<OpenPage>
  navigate(url: string): Promise<unknown>
}
interface Worker {
  readonly registration: ServiceWorkerRegistration
  readonly location: Location
  readonly clients: {
    claim(): Promise<void>
    matchAll(options: object): Promise<readonly OpenPage[]>
    openWindow(url: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener<E extends Extendable>(name: string, listener: (event: E) => void): void
}

const worker = globalThis as unknown as Worker

worker.addEventListener('install', (event) => event.waitUntil(worker.skipWaiting()))
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
worker.addEventListener<PushEvent>('push', (event) => event.waitUntil(show(told(event))))
worker.addEventListener<ClickEvent>('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open((event.notification.data as { url?: string } | null)?.url ?? '/'))
})
worker.addEventListener<ChangeEvent>('pushsubscriptionchange', (event) => {
  event.waitUntil(subscribeAgain(event.oldSubscription))
})

/** A browser takes the permission away from who is woken and shows nothing, so something is shown in any case. */
function told({ data }: PushEvent): Told {
  const nothing = { id: 'harta', title: 'Harta', body: '', url: '/', at: new Date().toISOString() }
  try {
    return { ...nothing, ...(data?.json() as Partial<Told> | null) }
  } catch {
    return nothing
  }
}

function show({ id, title, body, url, at }: Told): Promise<void> {
  const options = { body, tag: id, data: { url }, timestamp: Date.parse(at) }
  return worker.registration.showNotification(title, options)
}

/** Brings the page to the front where it is open, and opens it where it is not. */
async function open(url: string): Promise<void> {
  const target = new URL(url, worker.location.origin)
  const pages = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const page = pages.find((one) => {
    const { origin, pathname } = new URL(one.url)
    return origin === target.origin && pathname === target.pathname
  })
  if (!page) {
    await worker.clients.openWindow(target.href)
    return
  }
  const focused = await page.focus()
  // A page that was opened past its worker cannot be led on.
  await focused.navigate(target.href).catch(() => undefined)
}

/** The worker has nobody's session, so the server is told when the page calls `subscribeToPush` again. */
async function subscribeAgain(old: PushSubscription | null): Promise<void> {
  const key = old?.options.applicationServerKey
  if (key)
    await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
}
