import type {
  BreakerState,
  Counts,
  InstrumentReport,
  QuarantinedReport,
  SourceReport,
  VenueReport,
  VenueState,
} from '../../src/protocol/feeds-report.js'
import type { FeedsFormat } from './feeds-format.js'
import { byCount, type Outcome } from './feeds-summary.js'
import type { FeedsWords } from './feeds-words.js'
import { type Cell, type Column, type Group, type Table, type Tone, table } from './table.js'

/** The tables of the feeds' page: what stands in their columns, and what of it is good or bad. */
const STATE_TONES: Readonly<Record<VenueState, Tone>> = {
  live: 'good',
  subscribed: 'warn',
  connecting: 'warn',
  waiting: 'bad',
  idle: 'idle',
  stopped: 'idle',
}
const BREAKER_TONES: Readonly<Record<BreakerState, Tone>> = {
  closed: 'good',
  'half-open': 'warn',
  open: 'bad',
}

/** Events of a venue that have a column of their own, or are no trouble. */
const SHOWN_EVENTS: ReadonlySet<string> = new Set(['tick', 'reconnect', 'rate-limited'])

const UNKNOWN = '–'
const SLOW_LAG_MS = 2_000
const BAD_LAG_MS = 10_000

export function venueTable(words: FeedsWords, format: FeedsFormat): Table<VenueReport> {
  const columns: readonly Column<VenueReport>[] = [
    {
      head: words.venue,
      kind: 'name',
      cell: ({ venue, simulated }) => (simulated ? { text: venue, note: words.simulated } : venue),
    },
    { head: words.state, kind: 'state', cell: ({ state }) => badge(words.states[state], STATE_TONES[state]) },
    { head: words.connections, kind: 'number', cell: ({ connections }) => format.count(connections) },
    { head: words.symbols, kind: 'number', cell: ({ symbols }) => format.count(symbols) },
    { head: words.perSecond, kind: 'number', cell: ({ ticksPerSecond }) => format.rate(ticksPerSecond) },
    {
      head: words.lastPrice,
      kind: 'number',
      cell: ({ state, lastTickAgeMs }) => ({
        text: format.span(lastTickAgeMs),
        ...(state === 'live' ? toned(priceTone(lastTickAgeMs)) : {}),
      }),
    },
    { head: words.lag, kind: 'number', cell: ({ lagMs }) => lagCell(lagMs, format) },
    { head: words.reconnects, kind: 'number', cell: ({ counts }) => trouble(counts.reconnect, format) },
    { head: words.limited, kind: 'number', cell: ({ counts }) => trouble(counts['rate-limited'], format) },
  ]
  const groups = ({ refused, silent, counts }: VenueReport): readonly Group[] => [
    { title: words.refusedTitle, items: refused.map(({ symbol, reason }) => [symbol, reason]) },
    { title: words.silentTitle, items: silent.map((symbol) => [symbol, '']) },
    {
      title: words.eventsTitle,
      items: byCount(counts).flatMap(([word, count]) =>
        SHOWN_EVENTS.has(word) ? [] : [[word, format.count(count)] as const],
      ),
    },
  ]
  const label = ({ refused, silent }: VenueReport): string => {
    const parts = [
      refused.length > 0 && `${format.count(refused.length)} ${words.refused}`,
      silent.length > 0 && `${format.count(silent.length)} ${words.silent}`,
    ].filter((part) => part !== false)
    return parts.length > 0 ? parts.join(' · ') : words.show
  }
  const more = { head: words.details, label, groups }
  return table({ label: words.venues, columns, key: ({ venue }) => venue, more })
}

export function sourceTable(words: FeedsWords, format: FeedsFormat): Table<SourceReport> {
  const columns: readonly Column<SourceReport>[] = [
    { head: words.source, kind: 'name', cell: ({ id }) => id },
    {
      head: words.breaker,
      kind: 'state',
      cell: ({ breaker }) => badge(words.breakers[breaker], BREAKER_TONES[breaker]),
    },
    { head: words.symbols, kind: 'number', cell: ({ symbols }) => format.count(symbols) },
    { head: words.asked, kind: 'number', cell: ({ asked }) => format.count(asked) },
    { head: words.answered, kind: 'number', cell: ({ answered }) => format.count(answered) },
    { head: words.limited, kind: 'number', cell: ({ rateLimited }) => trouble(rateLimited, format) },
    {
      head: words.lastAnswer,
      kind: 'number',
      cell: ({ lastAnswerAgeMs }) => format.span(lastAnswerAgeMs),
    },
    { head: words.failures, kind: 'long', cell: ({ failures }) => failuresCell(failures, words, format) },
  ]
  const more = {
    head: words.unknown,
    label: ({ unknown }: SourceReport) => format.count(unknown.length),
    groups: ({ unknown }: SourceReport): readonly Group[] => [
      { title: words.unknownTitle, items: unknown.map((symbol) => [symbol, '']) },
    ],
  }
  return table({ label: words.sources, columns, key: ({ id }) => id, more })
}

/** `now` is the server's, in ms since the epoch, as that of what is shown. */
export function quarantineTable(
  words: FeedsWords,
  format: FeedsFormat,
  now: () => number,
): Table<QuarantinedReport> {
  const columns: readonly Column<QuarantinedReport>[] = [
    { head: words.symbol, kind: 'name', cell: ({ symbol }) => symbol },
    { head: words.source, cell: ({ source }) => source },
    { head: words.price, kind: 'number', cell: ({ price }) => ({ text: format.price(price), tone: 'warn' }) },
    { head: words.standing, kind: 'number', cell: ({ standing }) => format.price(standing) },
    { head: words.since, kind: 'number', cell: ({ since }) => format.span(Math.max(0, now() - since)) },
    { head: words.confirmations, kind: 'number', cell: ({ confirmations }) => format.count(confirmations) },
  ]
  const key = ({ symbol, source }: QuarantinedReport): string => `${symbol} ${source}`
  return table({ label: words.quarantine, columns, key })
}

export function instrumentTable(
  words: FeedsWords,
  format: FeedsFormat,
  now: () => number,
): Table<InstrumentReport> {
  const columns: readonly Column<InstrumentReport>[] = [
    { head: words.symbol, kind: 'name', cell: ({ symbol }) => symbol },
    { head: words.route, cell: ({ active }) => active ?? UNKNOWN },
    { head: words.standby, cell: ({ standby }) => standby ?? UNKNOWN },
    {
      head: words.since,
      kind: 'number',
      cell: ({ since }) => format.span(since === null ? null : Math.max(0, now() - since)),
    },
    {
      head: words.age,
      kind: 'number',
      cell: ({ lastTickAgeMs: ms }) =>
        ms === null
          ? { text: words.neverPriced, tone: 'bad' }
          : { text: format.span(ms), ...toned(priceTone(ms)) },
    },
    {
      head: words.changed,
      kind: 'long',
      cell: ({ reason }) => (reason === null ? UNKNOWN : told(reason, words)),
    },
  ]
  return table({ label: words.instruments, columns, key: ({ symbol }) => symbol })
}

export function offerTable(words: FeedsWords, format: FeedsFormat): Table<Outcome> {
  const columns: readonly Column<Outcome>[] = [
    { head: words.outcome, kind: 'name', cell: ({ outcome }) => told(outcome, words) },
    { head: words.count, kind: 'number', cell: ({ count }) => format.count(count) },
    { head: words.share, kind: 'number', cell: ({ share }) => format.share(share) },
  ]
  return table({ label: words.offers, columns, key: ({ outcome }) => outcome })
}

/** How old a price may be before it catches the eye: markets that trade seldom make it no certain fault. */
export function priceTone(ms: number | null): Tone | undefined {
  if (ms === null || ms < 30_000) return undefined
  return ms < 5 * 60_000 ? 'warn' : 'bad'
}

function told(word: string, words: FeedsWords): string {
  return Object.hasOwn(words.told, word) ? (words.told[word] ?? word) : word
}

function failuresCell(failures: Counts, words: FeedsWords, format: FeedsFormat): Cell | string {
  const parts = byCount(failures).map(([word, count]) => `${told(word, words)} ${format.count(count)}`)
  return parts.length === 0 ? UNKNOWN : { text: parts.join(' · '), tone: 'warn' }
}

function lagCell(ms: number | null, format: FeedsFormat): Cell {
  const far = Math.abs(ms ?? 0)
  return {
    text: format.lag(ms),
    ...toned(far >= BAD_LAG_MS ? 'bad' : far >= SLOW_LAG_MS ? 'warn' : undefined),
  }
}

function trouble(count: number | undefined, format: FeedsFormat): Cell {
  return { text: format.count(count ?? 0), ...toned(count ? 'warn' : undefined) }
}

function badge(text: string, tone: Tone): Cell {
  return { text, tone, badge: true }
}

function toned(tone: Tone | undefined): { readonly tone?: Tone } {
  return tone === undefined ? {} : { tone }
}
