import type { Alert } from '../../../src/protocol/alerts.js'
import type { AlertWords } from './alert-words.js'
import { make, setText } from './dom.js'
import { formatAge, formatMoment } from './format.js'

/** What a row needs beside its alert. */
export interface AlertRowContext {
  readonly words: AlertWords
  readonly locale: string
  /** Null shows rows without buttons. */
  readonly act: ((alert: Alert, act: 'turn' | 'remove') => void) | null
}

/** How long a row stays lit. */
const LIT_MS = 8_000
/** How long a first press of the button that deletes waits for the second. */
const SURE_MS = 4_000

/** One alert as an entry of a list, whose parts stay and whose state moves. */
export class AlertRow {
  readonly element = make('li', 'row')
  readonly #context: AlertRowContext
  readonly #sentence = make('span', 'sentence')
  readonly #state = make('span', 'badge')
  readonly #below = make('span', 'below')
  readonly #turn = make('button')
  readonly #remove = make('button')
  #alert: Alert | null = null
  #text = ''
  #lit: ReturnType<typeof setTimeout> | undefined
  #asked: ReturnType<typeof setTimeout> | undefined

  constructor(context: AlertRowContext) {
    this.#context = context
    const told = make('span', 'told', make('span', 'line', this.#sentence, ' ', this.#state), this.#below)
    this.element.append(told)
    if (context.act === null) return
    for (const button of [this.#turn, this.#remove]) button.type = 'button'
    this.#turn.addEventListener('click', () => this.#alert && context.act?.(this.#alert, 'turn'))
    this.#remove.addEventListener('click', () => this.#pressRemove())
    this.element.append(make('span', 'acts', this.#turn, this.#remove))
  }

  render(alert: Alert, sentence: string): void {
    const { words } = this.#context
    this.#alert = alert
    this.#text = sentence
    setText(this.#sentence, sentence)
    const isSnoozed = alert.state === 'armed' && Date.parse(alert.snoozedUntil ?? '') > Date.now()
    const state = isSnoozed ? 'snoozed' : alert.state
    this.element.dataset.state = state
    this.#state.dataset.state = state
    setText(this.#state, words.states[state])
    this.#turn.hidden = alert.state === 'expired'
    const resume = alert.state === 'fired' ? words.again : words.resume
    this.#label(this.#turn, alert.state === 'armed' ? words.pause : resume)
    this.#label(this.#remove, this.#asked === undefined ? words.remove : words.sure)
    this.tick()
  }

  /** Ages go on while nothing else moves. */
  tick(): void {
    const { words, locale } = this.#context
    if (!this.#alert) return
    const { state, firedAt, expiresAt, alreadyTrue, snoozedUntil, note } = this.#alert
    const parts = [
      firedAt && `${words.fired} ${formatAge(firedAt, Date.now(), locale)}`,
      state === 'armed' && alreadyTrue && words.already,
      this.element.dataset.state === 'snoozed' && `${words.until} ${formatMoment(snoozedUntil, locale)}`,
      state === 'armed' && expiresAt && `${words.until} ${formatMoment(expiresAt, locale)}`,
      note,
    ]
    setText(this.#below, parts.filter(Boolean).join(' · '))
  }

  /** It fired just now. */
  light(): void {
    clearTimeout(this.#lit)
    this.element.dataset.lit = this.element.dataset.lit === '0' ? '1' : '0'
    this.#lit = setTimeout(() => delete this.element.dataset.lit, LIT_MS)
  }

  /** The first press asks, the second deletes. */
  #pressRemove(): void {
    const { act, words } = this.#context
    const isSure = this.#asked !== undefined
    clearTimeout(this.#asked)
    this.#asked = undefined
    if (isSure) {
      if (this.#alert) act?.(this.#alert, 'remove')
    } else {
      this.#asked = setTimeout(() => {
        this.#asked = undefined
        this.#label(this.#remove, words.remove)
      }, SURE_MS)
    }
    this.#label(this.#remove, isSure ? words.remove : words.sure)
  }

  #label(button: HTMLElement, text: string): void {
    setText(button, text)
    button.ariaLabel = this.#context.words.of(text, this.#text)
  }
}
