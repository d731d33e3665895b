import uPlot from 'uplot'
import type { HartaClient, Valuation } from '../src/index.js'
import { formatMoney } from '../src/widgets/format.js'
import { h, type View } from './dom.js'
import type { Words } from './words.js'

/** Points kept; beyond that the older half is thinned to every second one. */
const MOST_POINTS = 2_400
/** The line gets at least this much time, so that the first seconds are not stretched over the page, in s. */
const SHORTEST_S = 30

/**
 * The total since the page was opened. A pixel needs no exact number, so this is the one place where an amount
 * becomes a binary fraction; what is written beside the line is formatted from the decimal text.
 */
export class SessionSeries {
  currency = ''
  readonly times: number[] = []
  readonly totals: number[] = []
  readonly texts: string[] = []

  add({ at, total, currency }: Valuation): void {
    if (currency !== this.currency) {
      this.times.length = this.totals.length = this.texts.length = 0
      this.currency = currency
    }
    const time = Date.parse(at) / 1_000
    const last = this.times.at(-1)
    if (last !== undefined && time <= last) return
    this.times.push(time)
    this.totals.push(Number(total))
    this.texts.push(total)
    if (this.times.length > MOST_POINTS) this.#thin()
  }

  #thin(): void {
    const half = this.times.length / 2
    for (const list of [this.times, this.totals, this.texts] as unknown[][]) {
      list.splice(0, list.length, ...list.filter((_, i) => i >= half || i % 2 === 0))
    }
  }
}

export function chartView(harta: HartaClient, series: SessionSeries, words: Words, locale: string): View {
  const stage = h('div', { class: 'stage' })
  const reading = h('span', { class: 'reading' })
  const note = h('p', { class: 'gathering' }, words.gathering)
  const element = h(
    'figure',
    { class: 'chart', 'aria-label': words.session },
    h('figcaption', {}, h('span', {}, words.session), reading),
    stage,
    note,
  )
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
  let plot: uPlot | null = null

  const color = (name: string): string => getComputedStyle(element).getPropertyValue(name).trim()
  const read = (index: number | null | undefined): void => {
    const text = index === null || index === undefined ? undefined : series.texts[index]
    const time = index === null || index === undefined ? undefined : series.times[index]
    reading.textContent =
      text === undefined || time === undefined
        ? ''
        : `${clock.format(time * 1_000)} · ${formatMoney(text, series.currency, locale)}`
  }
  const draw = (): void => {
    plot?.destroy()
    const look = {
      line: color('--accent-line'),
      fill: color('--accent-fill'),
      text: color('--muted'),
      grid: color('--line'),
    }
    const axis = { stroke: look.text, ticks: { show: false }, font: '12px Inter, system-ui, sans-serif' }
    plot = new uPlot(
      {
        ...size(stage),
        padding: [12, 8, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { size: 9, stroke: look.line, fill: look.line },
          drag: { x: false, y: false },
        },
        scales: { x: { time: true, range: span }, y: { range: air } },
        axes: [
          {
            ...axis,
            grid: { show: false },
            size: 30,
            space: 90,
            values: (self, ticks) =>
              ticks.map((tick) => (isCut(self, tick) ? '' : clock.format(tick * 1_000))),
          },
          {
            ...axis,
            side: 1,
            size: width,
            space: 44,
            grid: { stroke: look.grid, width: 1 },
            values: (_, ticks) => labels(ticks, locale),
          },
        ],
        series: [{}, { stroke: look.line, width: 2, points: { show: false }, fill: fade(look.fill) }],
        hooks: { setCursor: [(self) => read(self.cursor.idx)], draw: [(self) => dot(self, look.line)] },
      },
      [series.times, series.totals],
      stage,
    )
  }
  const update = (): void => {
    note.hidden = series.times.length > 1
    stage.hidden = series.times.length < 2
    if (stage.hidden) return
    if (plot) plot.setData([series.times, series.totals])
    else draw()
  }
  const observer = new ResizeObserver(() => plot?.setSize(size(stage)))
  observer.observe(stage)
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const repaint = (): void => (plot ? draw() : undefined)
  dark.addEventListener('change', repaint)
  const stop = harta.portfolio.watch((valuation) => {
    series.add(valuation)
    update()
  })
  return {
    element,
    stop: () => {
      stop()
      observer.disconnect()
      dark.removeEventListener('change', repaint)
      plot?.destroy()
    },
  }
}

function size(stage: HTMLElement): { width: number; height: number } {
  return { width: Math.max(200, stage.clientWidth), height: stage.clientHeight || 220 }
}

function span(_: uPlot, from: number, to: number): [number, number] {
  return [from, Math.max(to, from + SHORTEST_S)]
}

/** Whether a label under this tick would reach over the plot's left edge. */
function isCut(self: uPlot, tick: number): boolean {
  return self.valToPos(tick, 'x') < 36
}

/** A little room above and below, and more when hardly anything moved. */
function air(_: uPlot, low: number, high: number): [number, number] {
  const least = Math.max(Math.abs(high), 1) * 0.0004
  const room = Math.max((high - low) * 0.15, (least - (high - low)) / 2)
  return [low - room, high + room]
}

/** Amounts as short as they can be while each still reads differently. */
function labels(ticks: readonly number[], locale: string): string[] {
  for (let maximumFractionDigits = 0; maximumFractionDigits < 6; maximumFractionDigits += 1) {
    const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits })
    const texts = ticks.map((tick) => short.format(tick))
    if (new Set(texts).size === texts.length) return texts
  }
  return ticks.map((tick) => tick.toLocaleString(locale))
}

/** Room for the longest label, in CSS pixels. */
function width(_: uPlot, texts: readonly string[] | null): number {
  return 16 + 7 * Math.max(4, ...(texts ?? []).map((text) => text.length))
}

function fade(color: string): (self: uPlot) => CanvasGradient {
  return ({ ctx, bbox }) => {
    const gradient = ctx.createLinearGradient(0, bbox.top, 0, bbox.top + bbox.height)
    gradient.addColorStop(0, color)
    gradient.addColorStop(1, 'transparent')
    return gradient
  }
}

/** Marks the end of the line: where it is now. */
function dot({ ctx, data, valToPos }: uPlot, color: string): void {
  const x = data[0].at(-1)
  const y = data[1]?.at(-1)
  if (x === undefined || y === undefined || y === null) return
  ctx.save()
  ctx.fillStyle = color
  for (const [radius, alpha] of [
    [8, 0.2],
    [3.5, 1],
  ] as const) {
    ctx.globalAlpha = alpha
    ctx.beginPath()
    ctx.arc(valToPos(x, 'x', true), valToPos(y, 'y', true), radius * devicePixelRatio, 0, Math.PI * 2)
    ctx.fill()
  }
  ctx.restore()
}
