import { h } from './dom.js'
import type { FeedsFormat } from './feeds-format.js'
import type { FeedsSummary } from './feeds-summary.js'
import { priceTone } from './feeds-tables.js'
import type { FeedsWords } from './feeds-words.js'
import type { Tone } from './table.js'

interface Tile {
  readonly value: string
  readonly note: string
  readonly tone: Tone
}

/** A worker reports every two seconds; after this it is late. */
const LATE_MS = 5_000
const MOST_WORKERS = 6

/** The line of numbers on top: how the feeds are, at a glance. */
export function feedsTiles(words: FeedsWords, format: FeedsFormat) {
  const shown = [
    { name: words.workers, tile: workersTile },
    { name: words.venuesLive, tile: venuesTile },
    { name: words.rate, tile: rateTile },
    { name: words.oldest, tile: oldestTile },
    { name: words.heldBack, tile: heldTile },
    { name: words.refusals, tile: refusalsTile },
  ].map(({ name, tile }) => {
    const value = h('dd', { class: 'value' })
    const note = h('dd', { class: 'note' })
    return { element: h('div', { class: 'card tile' }, h('dt', {}, name), value, note), value, note, tile }
  })
  return {
    element: h('dl', { class: 'tiles' }, ...shown.map(({ element }) => element)),
    show(summary: FeedsSummary): void {
      for (const { element, value, note, tile } of shown) {
        const told = tile(summary, words, format)
        element.dataset.tone = told.tone
        value.textContent = told.value
        note.textContent = told.note
      }
    },
  }
}

function workersTile({ workers }: FeedsSummary, words: FeedsWords, format: FeedsFormat): Tile {
  if (workers.length === 0) return { value: format.count(0), note: words.noWorker, tone: 'bad' }
  const held = workers.slice(0, MOST_WORKERS).map(({ slots }) => format.count(slots))
  if (workers.length > MOST_WORKERS) held.push('…')
  const late = workers.filter(({ silentMs }) => silentMs > LATE_MS).length
  const notes = [`${held.join(' + ')} ${words.slots}`]
  if (late > 0) notes.push(`${format.count(late)} ${words.late}`)
  return {
    value: format.count(workers.length),
    note: notes.join(' · '),
    tone: late > 0 ? 'warn' : 'good',
  }
}

function venuesTile({ venues }: FeedsSummary, words: FeedsWords, format: FeedsFormat): Tile {
  const count = (state: keyof FeedsWords['states']): number =>
    venues.filter((venue) => venue.state === state).length
  const others = (['waiting', 'connecting', 'subscribed', 'idle', 'stopped'] as const).flatMap((state) =>
    count(state) === 0 ? [] : `${format.count(count(state))} ${words.states[state].toLowerCase()}`,
  )
  const tone =
    count('waiting') > 0
      ? 'bad'
      : count('connecting') + count('subscribed') > 0
        ? 'warn'
        : count('live') > 0
          ? 'good'
          : 'idle'
  return {
    value: `${format.count(count('live'))} / ${format.count(venues.length)}`,
    note: others.join(' · '),
    tone,
  }
}

function rateTile(summary: FeedsSummary, words: FeedsWords, format: FeedsFormat): Tile {
  const isStill = summary.ticksPerSecond === 0 && summary.venues.some(({ state }) => state === 'live')
  return {
    value: format.rate(summary.ticksPerSecond),
    note: `${format.count(summary.admitted)} ${words.admitted}`,
    tone: isStill ? 'warn' : 'idle',
  }
}

function oldestTile({ oldest }: FeedsSummary, _words: FeedsWords, format: FeedsFormat): Tile {
  const ageMs = oldest?.ageMs ?? null
  return { value: format.span(ageMs), note: oldest?.venue ?? '', tone: priceTone(ageMs) ?? 'idle' }
}

function heldTile({ quarantined }: FeedsSummary, words: FeedsWords, format: FeedsFormat): Tile {
  return {
    value: format.count(quarantined.length),
    note: quarantined[0]?.symbol ?? words.heldBackNone,
    tone: quarantined.length > 0 ? 'warn' : 'idle',
  }
}

function refusalsTile({ venues }: FeedsSummary, words: FeedsWords, format: FeedsFormat): Tile {
  const refused = venues.reduce((so, venue) => so + venue.refused.length, 0)
  const silent = venues.reduce((so, venue) => so + venue.silent.length, 0)
  return {
    value: format.count(refused),
    note: silent > 0 ? `${format.count(silent)} ${words.silent}` : '',
    tone: refused > 0 ? 'warn' : 'idle',
  }
}
