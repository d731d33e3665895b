import type { AlertChange, AlertRepeat, Channel, Direction, GoalEvent } from '../src/index.js'
import { intervalText, percentText, spanText } from './alert-text.js'
import { alertWords } from './alert-words.js'
import type { Field, When } from './field.js'
import type { Values } from './form.js'
import { endOfDay } from './moments.js'
import { preferences } from './preferences.js'

const INTERVALS_MINUTES = [1, 5, 15, 60, 360, 1_440]
const WINDOWS_MINUTES = [5, 15, 30, 60, 240, 1_440]
const REARMS: When = { field: 'repeat', is: ['rearm'] }

type Option = readonly [value: string, text: string]

/** What every alert can be told beside what it watches; unfolds. */
export function commonFields(): Field[] {
  const say = alertWords[preferences.language]
  return [
    {
      name: 'expires',
      pointer: 'expiresAt',
      label: say.expires,
      kind: 'date',
      optional: true,
      hint: say.expiresHint,
      folded: true,
    },
    {
      name: 'channelsFrom',
      label: say.channels,
      kind: 'select',
      options: [
        ['settings', say.asSettings],
        ['these', say.theseChannels],
      ],
      folded: true,
    },
    {
      name: 'channels',
      label: say.theseChannels,
      kind: 'checks',
      options: Object.entries(say.ways),
      hint: say.inboxAlways,
      optional: true,
      when: { field: 'channelsFrom', is: ['these'] },
      folded: true,
    },
    { name: 'note', label: say.note, kind: 'text', optional: true, wide: true, folded: true },
  ]
}

/** How often it fires. `back` says of which conditions it is that it waits for the way back; unfolds. */
export function repeatFields({ back }: { readonly back: When }): Field[] {
  const say = alertWords[preferences.language]
  const minutes = INTERVALS_MINUTES.map((one) => [String(one * 60), spanText(one)] as const)
  return [
    {
      name: 'repeat',
      label: say.repeat,
      kind: 'choice',
      options: Object.entries(say.repeats),
      value: 'once',
    },
    {
      name: 'hysteresis',
      label: say.hysteresis,
      kind: 'decimal',
      value: '1',
      when: [REARMS, back],
      folded: true,
    },
    {
      name: 'minIntervalSeconds',
      label: say.interval,
      kind: 'select',
      options: [['0', say.noInterval], ...minutes],
      value: '60',
      when: REARMS,
      folded: true,
    },
  ]
}

export function directionField(when: When): Field {
  const say = alertWords[preferences.language]
  return {
    name: 'direction',
    label: say.direction,
    kind: 'choice',
    options: Object.entries(say.directions),
    value: 'either',
    when,
  }
}

export function windowField(when: When): Field {
  return {
    name: 'windowMinutes',
    label: alertWords[preferences.language].window,
    kind: 'select',
    options: WINDOWS_MINUTES.map((minutes) => [String(minutes), spanText(minutes)] as const),
    value: '60',
    when,
  }
}

/** What an option says that is none of those which a field offers by itself. */
const SAY_OPTION: Readonly<Record<string, (value: string) => string>> = {
  windowMinutes: (value) => spanText(Number(value)),
  minIntervalSeconds: (value) => intervalText(Number(value)),
  percents: percentText,
}

/** The fields with these values in them, which may be others than they offer by themselves. */
export function filled(fields: readonly Field[], values: Values): Field[] {
  return fields.map((field) => {
    const value = values[field.name]
    if (value === undefined) return field
    const say = SAY_OPTION[field.name]
    return say
      ? { ...field, value, options: withThese(field.options ?? [], value, say) }
      : { ...field, value }
  })
}

function withThese(
  options: NonNullable<Field['options']>,
  values: string,
  say: (value: string) => string,
): readonly Option[] {
  const pairs = options.map((one): Option => (typeof one === 'string' ? [one, one] : one))
  const more = values.split(',').filter((value) => !pairs.some(([known]) => known === value))
  return [...pairs, ...more.map((value): Option => [value, say(value)])].sort(
    ([one], [other]) => Number(one) - Number(other),
  )
}

/** The fields that are left to ask for where some are decided. */
export function left(fields: readonly Field[], decided: Values): Field[] {
  const holds = ({ field, is }: When): boolean => is.includes(decided[field] ?? '')
  return fields.flatMap((field) => {
    const conditions = [field.when ?? []].flat()
    const known = conditions.filter((one) => one.field in decided)
    if (field.name in decided || !known.every(holds)) return []
    return [{ ...field, when: conditions.filter((one) => !known.includes(one)) }]
  })
}

interface CommonFacts {
  readonly repeat?: AlertRepeat
  readonly hysteresis?: string
  readonly minIntervalSeconds?: number
  readonly expiresAt: string | null
  readonly channels: readonly Channel[] | null
  readonly note: string | null
}

/** What the fields of every alert say. */
export function commonOf(values: Values, timeZone: string | undefined): CommonFacts {
  const { repeat, hysteresis, minIntervalSeconds, expires, channelsFrom, channels = '', note } = values
  return {
    ...(repeat === undefined ? {} : { repeat: repeat as AlertRepeat }),
    ...(hysteresis === undefined ? {} : { hysteresis }),
    ...(minIntervalSeconds === undefined ? {} : { minIntervalSeconds: Number(minIntervalSeconds) }),
    expiresAt: expires ? endOfDay(expires, timeZone) : null,
    channels: channelsFrom === 'these' ? channels.split(',').filter(isChannel) : null,
    note: note || null,
  }
}

export function directionOf({ direction }: Values): { readonly direction?: Direction } {
  return direction === undefined ? {} : { direction: direction as Direction }
}

/** What the fields of an alert say that can be changed. */
export function factsOf(values: Values, timeZone: string | undefined): AlertChange {
  const { threshold, percent, dayPercent, sharePercent, windowMinutes, events, percents } = values
  const share = percent ?? dayPercent ?? sharePercent
  return {
    ...(threshold === undefined ? {} : { threshold }),
    ...(share === undefined ? {} : { percent: share }),
    ...(windowMinutes === undefined ? {} : { windowMinutes: Number(windowMinutes) }),
    ...directionOf(values),
    ...(events === undefined ? {} : { events: events.split(',') as GoalEvent[] }),
    ...(percents === undefined ? {} : { percents: percents.split(',').map(Number) }),
    ...commonOf(values, timeZone),
  }
}

function isChannel(text: string): text is Channel {
  return text === 'email' || text === 'push' || text === 'webhook'
}
