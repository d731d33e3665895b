import type { Alert, Holding, NewAlert, Price } from '../src/index.js'
import { commonOf, directionOf } from './alert-fields.js'
import { priceFields } from './alert-kinds.js'
import { alreadyText, sentence } from './alert-text.js'
import { alertWords } from './alert-words.js'
import { recorded } from './asked.js'
import type { Values } from './form.js'
import { openModal } from './modal.js'
import { preferences } from './preferences.js'
import { type PriceFormPart, perOf, priceForm, SUGGESTED_PERCENT } from './price-form.js'
import { suggestMark } from './threshold.js'
import { toast } from './toasts.js'
import type { Frame } from './top.js'

type Alerting = Pick<Frame, 'harta' | 'words'>

const MARKED = ['above', 'below', 'crosses'] as const

interface Priced {
  readonly symbol: string
  readonly price: Price | null
  /** Whether another symbol to measure in is asked for without unfolding. */
  readonly isRatioAtHand: boolean
}

/** Asks for an alert on the price of what is held, with everything filled in already: one more click makes it. */
export function openAlertOf(frame: Alerting, { symbol, name, price }: Holding): void {
  if (symbol === null) return
  const part = priceAlertForm(frame, { symbol, price, isRatioAtHand: false }, () => close())
  const close = openModal(frame.words, name, [part.element], part.stop)
}

/** The form of it. */
export function priceAlertForm(
  { harta, words }: Alerting,
  { symbol, price, isRatioAtHand }: Priced,
  done: () => void,
): PriceFormPart {
  const held = harta.portfolio.store.getSnapshot()?.holdings ?? []
  const symbols = new Set(held.flatMap((holding) => holding.symbol ?? []))
  symbols.delete(symbol)
  const mark = (price && suggestMark(price.amount, SUGGESTED_PERCENT)) ?? ''
  return priceForm(
    { harta, words },
    {
      symbol,
      price,
      fields: priceFields({ others: [...symbols], isAtHand: isRatioAtHand, mark }),
      decided: {},
      action: alertWords[preferences.language].create,
      submit: async (values) => {
        const alert = await harta.alerts.create(newPriceAlert(symbol, values, harta.auth.user?.timeZone))
        done()
        madeKnown({ words }, alert, () => price?.currency)
      },
    },
  )
}

function newPriceAlert(symbol: string, values: Values, timeZone: string | undefined): NewAlert {
  const { condition, threshold = '', percent = '', windowMinutes } = values
  const per = perOf(values)
  const about = { kind: 'PRICE', symbol, ...(per && { per }), ...commonOf(values, timeZone) } as const
  if (condition === 'moves')
    return { ...about, condition, percent, windowMinutes: Number(windowMinutes), ...directionOf(values) }
  return { ...about, condition: MARKED.find((one) => one === condition) ?? 'above', threshold }
}

/** Says that an alert is made, or changed, and what holds already, which it does not fire for. */
export function madeKnown(
  { words }: Pick<Frame, 'words'>,
  alert: Alert,
  known: (key: string) => string | null | undefined,
  title: string = alertWords[preferences.language].created,
): void {
  const already = alert.state === 'armed' ? alreadyText(alert) : null
  const what = sentence(alert, known)
  toast(
    { title, body: already === null ? `${what}.` : `${what}. ${already}` },
    {
      close: words.close,
      tone: 'note',
      open: () => {
        location.hash = '#alerts'
      },
    },
  )
  recorded()
}
