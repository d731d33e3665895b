import type { FeedsReport } from '../../src/protocol/feeds-report.js'
import { HartaError } from '../src/index.js'
import { h, type View } from './dom.js'
import { explain } from './failure.js'
import { type FeedsFormat, feedsFormat } from './feeds-format.js'
import { type FeedsSummary, summarize } from './feeds-summary.js'
import { instrumentTable, offerTable, quarantineTable, sourceTable, venueTable } from './feeds-tables.js'
import { feedsTiles } from './feeds-tiles.js'
import { type FeedsWords, feedsWords } from './feeds-words.js'
import { adminAsk, poll } from './poll.js'
import { locale, preferences } from './preferences.js'
import type { Table } from './table.js'
import { type Frame, page } from './top.js'

/** Rows that a table of the page shows at the most. */
const MOST_ROWS = 50
const MOST_INSTRUMENTS = 25
const MOST_SYMBOLS = 200

/**
 * The page of administrators: how the feeds are, as all workers report it, asked for again every two seconds while
 * the page is looked at. When there is no answer the last one stays, and the page says so.
 */
export function feedsView(frame: Frame): View {
  const { harta, words: common } = frame
  const words = feedsWords[preferences.language]
  const format = feedsFormat(locale())
  const pill = h('span', { class: 'pill', role: 'status', 'data-state': 'connecting' }, words.poll.asking)
  const fault = h('p', { class: 'card feeds-fault fault', role: 'alert', hidden: true })
  const tiles = feedsTiles(words, format)
  let now = 0
  const show = sections(words, format, () => now)
  const parts = h('div', { class: 'feeds-parts', hidden: true }, tiles.element, ...show.elements)
  const ask = adminAsk(harta)

  const stop = poll({
    ask: () => ask<FeedsReport>('/v1/admin/feeds'),
    heard(report) {
      now = Date.parse(report.at)
      const summary = summarize(report)
      tiles.show(summary)
      show.summary(summary)
      parts.hidden = false
      fault.hidden = true
      say('connected', words.poll.fresh)
    },
    failed(error) {
      fault.textContent = explain(error, common)
      fault.hidden = false
      say('failed', words.poll.lost)
      // Whoever is no administrator any more finds out, and the page goes.
      if (error instanceof HartaError && error.status === 403) harta.me.get().catch(() => undefined)
    },
  })

  function say(state: 'connected' | 'failed', text: string): void {
    if (pill.dataset.state === state) return
    pill.dataset.state = state
    pill.textContent = text
  }

  const main = h('div', { class: 'feeds' }, h('h1', {}, words.title), fault, parts)
  return page(frame, 'feeds', [main], { pill, stop })
}

/** The parts below the tiles, in their order. */
function sections(words: FeedsWords, format: FeedsFormat, now: () => number) {
  const venues = section(words.venues, words.noVenues, venueTable(words, format))
  const sources = section(words.sources, words.noSources, sourceTable(words, format))
  const quarantined = section(words.quarantine, words.noQuarantine, quarantineTable(words, format, now))
  const instruments = section(
    words.instruments,
    words.noInstruments,
    instrumentTable(words, format, now),
    MOST_INSTRUMENTS,
  )
  const unserved = section(words.unserved, words.noUnserved, chips(), MOST_SYMBOLS)
  const offers = section(words.offers, words.noOffers, offerTable(words, format))
  const changes = h('p', { class: 'changes' })
  instruments.element.append(changes)
  return {
    elements: [venues, sources, quarantined, instruments, unserved, offers].map(({ element }) => element),
    summary(told: FeedsSummary): void {
      venues.show(told.venues)
      sources.show(told.sources)
      quarantined.show(told.quarantined)
      instruments.show(told.instruments)
      unserved.show(told.unserved)
      offers.show(told.offers.filter(({ count }) => count > 0))
      const counted = [
        `${format.count(told.failovers)} ${words.failovers}`,
        `${format.count(told.returns)} ${words.returns}`,
      ]
      changes.textContent = `${words.changes} ${counted.join(', ')}`
      changes.hidden = told.failovers + told.returns === 0
    },
  }

  function section<T>(title: string, empty: string, list: Table<T>, most = MOST_ROWS): Table<T> {
    const size = h('span', { class: 'size' })
    const nothing = h('p', { class: 'nothing' }, empty)
    const element = h(
      'section',
      { class: 'card feed' },
      h('header', {}, h('h2', {}, title), size),
      nothing,
      h('div', { class: 'scroll' }, list.element),
    )
    return {
      element,
      show(all) {
        nothing.hidden = all.length > 0
        list.element.hidden = all.length === 0
        const shown = all.slice(0, most)
        const of = shown.length < all.length ? `${format.count(shown.length)} ${words.of} ` : ''
        size.textContent = all.length === 0 ? '' : `${of}${format.count(all.length)}`
        list.show(shown)
      },
    }
  }
}

/** Names in a row. */
function chips(): Table<string> {
  const element = h('ul', { class: 'chips' })
  let written = ''
  return {
    element,
    show(names) {
      const text = names.join('\n')
      if (text === written) return
      written = text
      element.replaceChildren(...names.map((name) => h('li', {}, name)))
    },
  }
}
