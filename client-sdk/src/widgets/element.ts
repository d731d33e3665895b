import type { HartaClient } from '../client.js'
import { make } from './dom.js'
import { dress } from './style.js'
import { type WidgetWords, widgetWords } from './words.js'

let configured: HartaClient | null = null
const attached = new Set<HartaElement>()

/** The client of every widget that has none of its own and none above it. */
export function configure(client: HartaClient | null): void {
  configured = client
  for (const element of attached) element.restart()
}

/** Outside of a browser the module can be loaded, but no element made. */
const Base = (globalThis.HTMLElement ?? class {}) as typeof HTMLElement

/**
 * The life of a widget: it watches while it is in a document, with the client of its own `client` property, of
 * the nearest element above that has one, or of `configure`. `lang`, its own or inherited, picks words and digits.
 */
export abstract class HartaElement extends Base {
  #client: HartaClient | null = null
  #stop: (() => void) | null = null
  #body: HTMLElement | null = null
  protected locale = 'en'
  protected words: WidgetWords = widgetWords('en')

  get client(): HartaClient | null {
    return this.#client
  }
  set client(client: HartaClient | null) {
    this.#client = client
    this.restart()
  }

  connectedCallback(): void {
    this.#upgrade()
    attached.add(this)
    this.restart()
  }

  disconnectedCallback(): void {
    attached.delete(this)
    this.#stop?.()
    this.#stop = null
  }

  /** Begins again from nothing: another client, language or attribute. */
  restart(): void {
    if (!this.isConnected) return
    this.#stop?.()
    this.#stop = null
    this.locale = this.closest('[lang]')?.getAttribute('lang') || navigator.language || 'en'
    this.words = widgetWords(this.locale)
    const body = this.#emptyBody()
    const client = this.#client ?? clientAbove(this) ?? configured
    if (client) this.#stop = this.follow(client, body)
    else body.append(make('p', 'note', this.words.noClient))
  }

  protected abstract readonly ownStyle: string
  /** Fills the body and keeps it current; answers how to stop. */
  protected abstract follow(client: HartaClient, body: HTMLElement): () => void

  #emptyBody(): HTMLElement {
    if (!this.#body) {
      const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' })
      dress(root, this.ownStyle)
      this.#body = make('div', 'body')
      root.append(this.#body)
    }
    this.#body.replaceChildren()
    return this.#body
  }

  /** A property set before the element was defined hides the accessor; it is set again through it. */
  #upgrade(): void {
    if (!Object.hasOwn(this, 'client')) return
    const { client } = this
    delete (this as { client?: HartaClient | null }).client
    this.client = client
  }
}

/** Runs now and every second, for ages; answers how to stop. */
export function everySecond(work: () => void): () => void {
  work()
  const timer = setInterval(work, 1_000)
  return () => clearInterval(timer)
}

function clientAbove(element: HTMLElement): HartaClient | null {
  let node: Node | null = element.parentNode ?? null
  while (node) {
    const found = (node as { client?: HartaClient | null }).client
    if (found && typeof found === 'object' && 'portfolio' in found) return found
    node = node instanceof ShadowRoot ? node.host : node.parentNode
  }
  return null
}
