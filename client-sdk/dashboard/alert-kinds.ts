import type { Valuation } from '../src/index.js'
import { commonFields, directionField, repeatFields, windowField } from './alert-fields.js'
import { alertWords } from './alert-words.js'
import type { Field, When } from './field.js'
import { preferences } from './preferences.js'

const PERCENTS = [50, 80, 90, 100, 120]
const PRESET_PERCENTS = '80,100'
const PRESET_MOVE = '5'
const PRESET_DAY_MOVE = '3'
/** A share of everything that is much for one holding. */
const MUCH = '25'
/** Stands for a symbol that is not at hand. */
export const OTHER = '+'

type Options = readonly (readonly [value: string, text: string])[]

function isOne(...is: readonly string[]): When {
  return { field: 'condition', is }
}

/** `others` are symbols at hand to measure in; `isAtHand` where that need not be unfolded first. */
export function priceFields(options: {
  readonly others: readonly string[]
  readonly isAtHand: boolean
  readonly mark: string
}): Field[] {
  const say = alertWords[preferences.language]
  const { others, isAtHand, mark } = options
  const marked = isOne('above', 'below', 'crosses')
  const per: Field[] = [
    {
      name: 'per',
      label: say.per,
      kind: 'select',
      optional: true,
      options: [
        ['', say.perCurrency],
        ...others.map((symbol) => [symbol, symbol] as const),
        [OTHER, say.otherSymbol],
      ],
      hint: say.perHint,
      wide: true,
      folded: !isAtHand,
    },
    {
      name: 'perOther',
      pointer: 'per',
      label: say.perSymbol,
      kind: 'text',
      wide: true,
      when: { field: 'per', is: [OTHER] },
      folded: !isAtHand,
    },
  ]
  return [
    ...(isAtHand ? per : []),
    {
      name: 'condition',
      label: say.condition,
      kind: 'choice',
      options: Object.entries(say.conditions),
      value: 'above',
      folded: 2,
    },
    { name: 'threshold', label: say.threshold, kind: 'decimal', value: mark, wide: true, when: marked },
    { name: 'percent', label: say.percent, kind: 'decimal', value: PRESET_MOVE, when: isOne('moves') },
    windowField(isOne('moves')),
    directionField(isOne('moves')),
    ...repeatFields({ back: marked }),
    ...(isAtHand ? [] : per),
    ...commonFields(),
  ]
}

export function portfolioFields(options: {
  readonly currency: string
  readonly mark: string
  readonly holdings: Pick<Valuation, 'holdings'>['holdings']
}): Field[] {
  const say = alertWords[preferences.language]
  const { currency, mark, holdings } = options
  return [
    {
      name: 'condition',
      label: say.condition,
      kind: 'select',
      options: Object.entries(say.portfolioConditions),
      wide: true,
    },
    {
      name: 'threshold',
      label: `${say.threshold} (${currency})`,
      kind: 'decimal',
      signed: true,
      value: mark,
      wide: true,
      when: isOne('above', 'below'),
    },
    {
      name: 'dayPercent',
      pointer: 'percent',
      label: say.percent,
      kind: 'decimal',
      value: PRESET_DAY_MOVE,
      wide: true,
      when: isOne('dayChange'),
    },
    directionField(isOne('dayChange')),
    {
      name: 'sharePercent',
      pointer: 'percent',
      label: say.share,
      kind: 'decimal',
      value: MUCH,
      when: isOne('share'),
    },
    {
      name: 'assetId',
      label: say.asset,
      kind: 'select',
      optional: true,
      options: [['', say.anyAsset], ...holdings.map(({ assetId, name }) => [assetId, name] as const)],
      when: isOne('share'),
    },
    ...repeatFields({ back: isOne('above', 'below', 'newHigh', 'share') }),
    ...commonFields(),
  ]
}

export function goalFields(options: Options, id: string): Field[] {
  const say = alertWords[preferences.language]
  return [
    { name: 'goalId', label: say.goal, kind: 'select', options, value: id, wide: true },
    {
      name: 'events',
      label: say.events,
      kind: 'checks',
      options: Object.entries(say.goalEvents),
      value: Object.keys(say.goalEvents).join(),
    },
    ...commonFields(),
  ]
}

export function budgetFields(options: Options, id: string): Field[] {
  const say = alertWords[preferences.language]
  return [
    { name: 'budgetId', label: say.budget, kind: 'select', options, value: id, wide: true },
    {
      name: 'percents',
      label: say.percents,
      kind: 'checks',
      options: PERCENTS.map((percent) => [String(percent), `${percent}%`] as const),
      value: PRESET_PERCENTS,
    },
    ...commonFields(),
  ]
}
