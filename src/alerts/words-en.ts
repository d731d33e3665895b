import type { Language } from './words.js'

export const english: Language = {
  tag: 'en',
  portfolio: 'Portfolio',
  today: 'today',
  someHolding: 'One holding',
  rose: (what, value) => `${what} rose to ${value}`,
  fell: (what, value) => `${what} fell to ${value}`,
  mark: (threshold, from) =>
    from === null
      ? `It reached your mark of ${threshold}.`
      : `It came from ${from} and reached your mark of ${threshold}.`,
  moved: (what, isUp, percent, span) => `${what} ${isUp ? 'up' : 'down'} ${percent} ${span}`,
  movedBody: (from, value, percent) =>
    `${from === null ? `It stands at ${value}.` : `It went from ${from} to ${value}.`} You asked about moves of ${percent}.`,
  minutes: (count) =>
    `in ${count % 60 === 0 && count > 0 ? counted(count / 60, 'hour') : counted(count, 'minute')}`,
  dayBody: (from, value, percent) =>
    `${from === null ? `It is worth ${value}.` : `The day began at ${from}, now it is ${value}.`} You asked about days of ${percent}.`,
  high: (value) => `Portfolio at a new high: ${value}`,
  highBody: (from) =>
    from === null
      ? 'It has never been worth more.'
      : `It has never been worth more; the high before was ${from}.`,
  share: (holding, share) => `${holding} is ${share} of your portfolio`,
  shareBody: (percent, total) =>
    `You asked about a share of more than ${percent}. In all it is worth ${total}.`,
  goal: {
    milestone: (name, percent) => ({
      title: `${name}: ${percent} reached`,
      body: `Your goal has come to ${percent} of its target.`,
    }),
    reached: (name) => ({ title: `${name}: goal reached`, body: 'Your goal has come to its whole target.' }),
    fellBack: (name) => ({
      title: `${name}: below its target again`,
      body: 'Your goal had been reached and has fallen below 95% of its target.',
    }),
    behindPace: (name) => ({
      title: `${name}: behind pace`,
      body: 'Your goal is behind what its deadline asks for.',
    }),
  },
  pace: (projected, deadline) =>
    (projected === null
      ? 'At this pace its end is not in sight'
      : `At this pace it is reached on ${projected}`) +
    (deadline === null ? '.' : `; its deadline is ${deadline}.`),
  saving: (actual, required) => `You put aside ${actual} a month, and it takes ${required}.`,
  budget: (category, percent, isSpent) =>
    isSpent ? `${category}: budget spent` : `${category}: ${percent} of the budget spent`,
  budgetBody: (spent, amount, month) => `You have spent ${spent} of ${amount} in ${month}.`,
  waiting: (names, more) => {
    const them = names.length + more === 1 ? 'it' : 'them'
    return {
      title: 'Portfolio alerts are waiting',
      body:
        `There has been no fresh price or rate for ${listed(names, more)} for a day. ` +
        `Alerts on your portfolio stay silent until there is one. Give ${them} a price by hand, or close ${them}.`,
    }
  },
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function listed(names: readonly string[], more: number): string {
  const all = more === 0 ? names : [...names, `${more} more`]
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
