import uPlot from 'uplot'

/** A line over time; `putIn` runs beside it where it is known. */
export interface Line {
  readonly currency: string
  /** In s since the epoch, rising. */
  readonly times: readonly number[]
  readonly totals: readonly number[]
  readonly putIn: readonly (number | null)[] | null
}

/** The line gets at least this much time, so that the first seconds are not stretched over the page, in s. */
const SHORTEST_S = 30
const DAY_S = 86_400

export interface Plot {
  show(line: Line): void
  stop(): void
}

/** How times are written: the browser's zone where none is given. */
export interface Clockwork {
  readonly locale: string
  readonly timeZone: string | undefined
}

/** Draws a line into a stage, in the page's colours; tells which point is looked at, by its place. */
export function linePlot(
  stage: HTMLElement,
  clockwork: Clockwork,
  looked: (index: number | null) => void,
): Plot {
  let plot: uPlot | null = null
  let shown: Line | null = null

  const draw = (line: Line): void => {
    plot?.destroy()
    plot = new uPlot(optionsOf(stage, clockwork, line, looked), dataOf(line), stage)
  }
  const observer = new ResizeObserver(() => plot?.setSize(size(stage)))
  observer.observe(stage)
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const repaint = (): void => (plot && shown ? draw(shown) : undefined)
  dark.addEventListener('change', repaint)
  return {
    show(line) {
      const isSame = shown !== null && (shown.putIn === null) === (line.putIn === null)
      shown = line
      if (plot && isSame) plot.setData(dataOf(line))
      else draw(line)
    },
    stop() {
      observer.disconnect()
      dark.removeEventListener('change', repaint)
      plot?.destroy()
    },
  }
}

function dataOf({ times, totals, putIn }: Line): uPlot.AlignedData {
  const lines = [[...times], [...totals], ...(putIn === null ? [] : [[...putIn]])]
  return lines as unknown as uPlot.AlignedData
}

function optionsOf(
  stage: HTMLElement,
  { locale, timeZone }: Clockwork,
  line: Line,
  looked: (index: number | null) => void,
): uPlot.Options {
  const root = getComputedStyle(document.documentElement)
  const color = (name: string): string => root.getPropertyValue(name).trim()
  const look = {
    line: color('--accent-line'),
    fill: color('--accent-fill'),
    text: color('--muted'),
    grid: color('--line'),
  }
  const axis = { stroke: look.text, ticks: { show: false }, font: '12px Inter, system-ui, sans-serif' }
  const beside = { stroke: look.text, width: 1.5, dash: [5, 5], points: { show: false } }
  return {
    ...size(stage),
    // Days begin where the user is.
    ...(timeZone ? { tzDate: (at: number) => uPlot.tzDate(new Date(at * 1_000), timeZone) } : {}),
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
        values: (self, ticks) => {
          const write = tickFormat({ locale, timeZone }, ticks)
          return ticks.map((tick) => (isCut(self, tick) ? '' : write.format(tick * 1_000)))
        },
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
    series: [
      {},
      { stroke: look.line, width: 2, points: { show: false }, fill: fade(look.fill) },
      ...(line.putIn === null ? [] : [beside]),
    ],
    hooks: {
      setCursor: [(self) => looked(self.cursor.idx ?? null)],
      draw: [(self) => dot(self, look.line)],
    },
  }
}

/** Times as fine as the ticks lie apart. */
function tickFormat({ locale, timeZone }: Clockwork, ticks: readonly number[]): Intl.DateTimeFormat {
  const [first = 0, second = first] = ticks
  const apart = second - first
  const write = (style: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, timeZone ? { ...style, timeZone } : style)
  if (apart >= 28 * DAY_S) return write({ month: 'short', year: 'numeric' })
  if (apart >= DAY_S) return write({ day: 'numeric', month: 'short' })
  const clock = { hour: '2-digit', minute: '2-digit' } as const
  return write(apart >= 60 ? clock : { ...clock, second: '2-digit' })
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
