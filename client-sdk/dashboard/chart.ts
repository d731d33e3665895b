import type { HartaClient, HistoryQuery, NetWorthHistory, Valuation } from '../src/index.js'
import { formatMoney } from '../src/widgets/format.js'
import { type Asked, asked } from './asked.js'
import { h, type View } from './dom.js'
import { ledgerWords } from './ledger-words.js'
import { choices } from './modal.js'
import { type Line, linePlot } from './plot.js'
import { preferences, type Range } from './preferences.js'
import type { SessionSeries } from './session-series.js'
import type { Words } from './words.js'

const HOUR_MS = 3_600_000

/** How far back a range reaches, and how fine its points are; what is kept of all time is asked for whole. */
const RANGES: Readonly<
  Record<Exclude<Range, 'LIVE'>, { interval: '1m' | '1h' | '1d'; reachMs: number | null }>
> = {
  '1D': { interval: '1m', reachMs: 24 * HOUR_MS },
  '1W': { interval: '1h', reachMs: 7 * 24 * HOUR_MS },
  '1M': { interval: '1h', reachMs: 30 * 24 * HOUR_MS },
  '3M': { interval: '1d', reachMs: 91 * 24 * HOUR_MS },
  '1Y': { interval: '1d', reachMs: 365 * 24 * HOUR_MS },
  ALL: { interval: '1d', reachMs: null },
}

/** A line with what is written beside it. */
interface Told extends Line {
  readonly texts: readonly string[]
}

/**
 * Net worth over time: what came since the page was opened, or what is recorded of a longer while, to which the live
 * value belongs as the last point.
 */
export function chartView(harta: HartaClient, series: SessionSeries, words: Words, locale: string): View {
  const say = ledgerWords[preferences.language].chart
  const stage = h('div', { class: 'stage' })
  const reading = h('span', { class: 'reading' })
  const note = h('p', { class: 'gathering' })
  const title = h('span', {})
  const notice = h('div', {})
  let told: Told | null = null
  let range: Range = preferences.range
  let history: Asked | null = null
  let recorded: NetWorthHistory | null = null

  const timeZone = harta.auth.user?.timeZone
  const plot = linePlot(stage, { locale, timeZone }, (index) => {
    const text = index === null ? undefined : told?.texts[index]
    const time = index === null ? undefined : told?.times[index]
    const exact = new Intl.DateTimeFormat(locale, { ...styleOf(range), ...(timeZone ? { timeZone } : {}) })
    reading.textContent =
      text === undefined || time === undefined
        ? ''
        : `${exact.format(time * 1_000)} · ${formatMoney(text, told?.currency ?? '', locale)}`
  })
  const update = (): void => {
    const live = harta.portfolio.store.getSnapshot()
    told = range === 'LIVE' ? { ...series, putIn: null } : recorded && withLive(recorded, live)
    const isLine = (told?.times.length ?? 0) > 1
    note.hidden = isLine || (range !== 'LIVE' && recorded === null)
    note.textContent = range === 'LIVE' ? words.gathering : say.nothing
    stage.hidden = !isLine
    if (isLine && told) plot.show(told)
    legend.hidden = range === 'LIVE' || !told?.putIn
  }
  const legend = h(
    'ul',
    { class: 'legend', hidden: true },
    h('li', { class: 'worth' }, say.title),
    h('li', { class: 'put-in' }, say.putIn),
  )
  const choose = (next: Range): void => {
    range = next
    preferences.range = next
    title.textContent = next === 'LIVE' ? words.session : say.title
    recorded = null
    history?.stop()
    history = null
    notice.replaceChildren()
    reading.textContent = ''
    if (next !== 'LIVE') {
      const { interval, reachMs } = RANGES[next]
      history = asked({
        words,
        ask: () => harta.portfolio.history(queryOf(interval, reachMs)),
        show: (answer) => {
          recorded = answer
          update()
          const isPartial = answer.points.some(({ coverage }) => coverage.priced < coverage.holdings)
          return [isPartial && h('p', { class: 'warning' }, say.partial)]
        },
      })
      notice.append(history.element)
    }
    update()
  }
  const options = [
    ['LIVE', say.live],
    ...(Object.entries(say.ranges) as [Exclude<Range, 'LIVE'>, string][]),
  ] as const
  const element = h(
    'figure',
    { class: 'chart', 'aria-label': say.title },
    h('figcaption', {}, title, reading),
    stage,
    note,
    notice,
    legend,
    choices(say.range, options, choose, range),
  )
  const stop = harta.portfolio.watch((valuation) => {
    series.add(valuation)
    update()
  })
  choose(range)
  return {
    element,
    stop: () => {
      stop()
      history?.stop()
      plot.stop()
    },
  }
}

/** How exactly the time of a point is told. */
function styleOf(range: Range): Intl.DateTimeFormatOptions {
  if (range === 'LIVE') return { timeStyle: 'medium' }
  return RANGES[range].interval === '1d'
    ? { dateStyle: 'medium' }
    : { dateStyle: 'medium', timeStyle: 'short' }
}

function queryOf(interval: '1m' | '1h' | '1d', reachMs: number | null): HistoryQuery {
  if (reachMs === null) return { interval }
  return { interval, from: new Date(Date.now() - reachMs).toISOString() }
}

/** What is recorded, with the value of this moment behind it. A pixel needs no exact number. */
function withLive({ currency, points }: NetWorthHistory, live: Valuation | null): Told {
  const texts = points.map(({ value }) => value)
  const times = points.map(({ at }) => Date.parse(at) / 1_000)
  const putIn = points.map(({ contribution }) => (contribution === null ? null : Number(contribution)))
  const at = live === null ? 0 : Date.parse(live.at) / 1_000
  if (live && live.currency === currency && at > (times.at(-1) ?? 0)) {
    texts.push(live.total)
    times.push(at)
    putIn.push(putIn.at(-1) ?? null)
  }
  const isKnown = putIn.some((amount) => amount !== null)
  return { currency, times, texts, totals: texts.map(Number), putIn: isKnown ? putIn : null }
}
