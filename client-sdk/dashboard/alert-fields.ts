import type { AlertRepeat, Channel, Direction } from '../src/index.js'
import { spanText } from './alert-sentence.js'
import { alertWords } from './alert-words.js'
import type { Field } from './field.js'
import type { Values } from './form.js'
import { endOfDay } from './moments.js'
import { preferences } from './preferences.js'

const INTERVALS_MINUTES = [1, 5, 15, 60, 360, 1_440]
const WINDOWS_MINUTES = [5, 15, 30, 60, 240, 1_440]

/** What every alert can be told beside what it watches; unfolds. `repeat` is for alerts that can fire again. */
export function commonFields({ repeats }: { readonly repeats: boolean }): Field[] {
  const say = alertWords[preferences.language]
  const interval: Field = {
    name: 'minIntervalSeconds',
    label: say.interval,
    kind: 'select',
    options: [
      ['0', say.noInterval],
      ...INTERVALS_MINUTES.map((minutes) => [String(minutes * 60), spanText(minutes)] as const),
    ],
    when: { field: 'repeat', is: ['rearm'] },
    folded: true,
  }
  return [
    ...(repeats ? [interval] : []),
    {
      name: 'expires',
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

export function repeatField(): Field {
  const say = alertWords[preferences.language]
  return {
    name: 'repeat',
    label: say.repeat,
    kind: 'choice',
    options: Object.entries(say.repeats),
    value: 'once',
  }
}

export function directionField(when: Field['when']): Field {
  const say = alertWords[preferences.language]
  return {
    name: 'direction',
    label: say.direction,
    kind: 'choice',
    options: Object.entries(say.directions),
    value: 'either',
    ...(when ? { when } : {}),
  }
}

export function windowField(when: NonNullable<Field['when']>): Field {
  return {
    name: 'windowMinutes',
    label: alertWords[preferences.language].window,
    kind: 'select',
    options: WINDOWS_MINUTES.map((minutes) => [String(minutes), spanText(minutes)] as const),
    value: '60',
    when,
  }
}

interface CommonFacts {
  readonly repeat?: AlertRepeat
  readonly minIntervalSeconds?: number
  readonly expiresAt?: string
  readonly channels?: readonly Channel[]
  readonly note?: string
}

/** What those fields say. */
export function commonOf(values: Values, timeZone: string | undefined): CommonFacts {
  const { repeat, minIntervalSeconds, expires, channelsFrom, channels = '', note } = values
  return {
    ...(repeat === undefined ? {} : { repeat: repeat as AlertRepeat }),
    ...(minIntervalSeconds === undefined ? {} : { minIntervalSeconds: Number(minIntervalSeconds) }),
    ...(expires === undefined ? {} : { expiresAt: endOfDay(expires, timeZone) }),
    ...(channelsFrom === 'these' ? { channels: channels.split(',').filter(isChannel) } : {}),
    ...(note === undefined ? {} : { note }),
  }
}

export function directionOf({ direction }: Values): { readonly direction?: Direction } {
  return direction === undefined ? {} : { direction: direction as Direction }
}

function isChannel(text: string): text is Channel {
  return text === 'email' || text === 'push' || text === 'webhook'
}
