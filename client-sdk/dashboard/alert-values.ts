import type { Alert, AlertChange } from '../src/index.js'
import { factsOf } from './alert-fields.js'
import { alertWords } from './alert-words.js'
import type { Values } from './form.js'
import { dateOf } from './moments.js'

const WAYS = Object.keys(alertWords.en.ways)
const EVENTS = Object.keys(alertWords.en.goalEvents)
/** What may stand in the form of an alert and be emptied. */
const EMPTIED = ['expires', 'note'] as const

/**
 * What stands in the form of an alert, as the form reads it: several values in the order of the options, and a note
 * in one line. So what nobody touched is not taken for a change.
 */
export function valuesOf(alert: Alert, timeZone: string | undefined): Values {
  const { repeat, hysteresis, minIntervalSeconds, expiresAt, channels, note } = alert
  const common = {
    ...{ repeat, hysteresis },
    // One that fires once has none to keep: what the form offers by itself is for when it is to fire again.
    ...(repeat === 'once' && minIntervalSeconds === 0
      ? {}
      : { minIntervalSeconds: String(minIntervalSeconds) }),
    expires: expiresAt === null ? '' : dateOf(expiresAt, timeZone),
    channelsFrom: channels === null ? 'settings' : 'these',
    channels: chosen(WAYS, channels ?? []),
    note: (note ?? '').replace(/[\r\n]/g, '').trim(),
  }
  if (alert.kind === 'GOAL') return { ...common, events: chosen(EVENTS, alert.events) }
  if (alert.kind === 'BUDGET')
    return { ...common, percents: [...alert.percents].sort((one, other) => one - other).join() }
  const { threshold, percent, direction } = alert
  return {
    ...common,
    ...(threshold === null ? {} : { threshold }),
    ...(percent === null ? {} : { [percentField(alert.condition)]: percent }),
    ...(direction === null ? {} : { direction }),
    ...(alert.kind === 'PRICE' && alert.windowMinutes !== null
      ? { windowMinutes: String(alert.windowMinutes) }
      : {}),
  }
}

/** What has to be sent so that an alert whose form began with the one says the other. */
export function changeOf(before: Values, after: Values, timeZone: string | undefined): AlertChange {
  const was = factsOf(before, timeZone)
  const moved = Object.entries(factsOf(after, timeZone)).filter(
    ([name, fact]) => JSON.stringify(fact) !== JSON.stringify(was[name as keyof AlertChange]),
  )
  return Object.fromEntries(moved)
}

/** What somebody has typed over what the form began with. */
export function typedOver(before: Values, after: Values): Values {
  const moved = Object.entries(after).filter(([name, value]) => value !== before[name])
  const emptied = EMPTIED.filter((name) => before[name] && !after[name]).map((name) => [name, ''])
  return Object.fromEntries([...moved, ...emptied])
}

function percentField(condition: string): string {
  return { dayChange: 'dayPercent', share: 'sharePercent' }[condition] ?? 'percent'
}

function chosen(order: readonly string[], some: readonly string[]): string {
  return order.filter((one) => some.includes(one)).join()
}
