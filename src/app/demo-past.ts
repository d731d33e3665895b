import type { Database } from '../database/database.js'
import { instrumentStore } from '../instruments/store.js'
import { parseFixed } from '../lib/decimal.js'
import { type Candle, type Interval, LENGTH_MS } from '../prices/candle.js'
import { priceStore } from '../prices/store.js'

/**
 * The invented past of the demo's instruments: closes that wander between a few fixed points, the same at every
 * start, up to the close of yesterday and on to where the exchange opens. Days for as long as something is held, hours of the last week and minutes
 * of the last day, as much as the chart of the net worth shows.
 */
interface Course {
  readonly symbol: string
  readonly digits: number
  /** How far a day's close strays from the way between two points, as a fraction. */
  readonly sway: number
  /** Dates and closes, before yesterday's. */
  readonly points: readonly (readonly [date: string, close: number])[]
  readonly yesterday: string
  /** Where the simulated exchange opens. */
  readonly opening: string
}

const COURSES: readonly Course[] = [
  {
    symbol: 'BTC-USD',
    digits: 2,
    sway: 0.035,
    points: [
      ['2023-09-20', 26_600],
      ['2024-02-05', 42_800],
      ['2024-06-30', 61_900],
      ['2025-01-15', 58_200],
      ['2025-10-01', 71_400],
    ],
    yesterday: '63184.20',
    opening: '64012.55',
  },
  {
    symbol: 'ETH-USD',
    digits: 2,
    sway: 0.04,
    points: [
      ['2023-09-20', 1_640],
      ['2024-03-18', 3_380],
      ['2025-02-01', 2_760],
      ['2025-11-01', 3_910],
    ],
    yesterday: '3341.07',
    opening: '3318.40',
  },
  {
    symbol: 'SOL-USD',
    digits: 4,
    sway: 0.05,
    points: [
      ['2024-10-20', 158],
      ['2025-01-20', 214],
      ['2025-09-01', 128],
    ],
    yesterday: '146.9300',
    opening: '150.2100',
  },
  {
    symbol: 'PAXG-USD',
    digits: 2,
    sway: 0.008,
    points: [
      ['2023-09-20', 1_928],
      ['2024-08-01', 2_240],
      ['2025-06-01', 2_460],
    ],
    yesterday: '2388.10',
    opening: '2401.65',
  },
  {
    symbol: 'USD-IDR',
    digits: 2,
    sway: 0.004,
    points: [
      ['2021-08-10', 14_390],
      ['2022-11-01', 15_620],
      ['2024-06-15', 16_420],
      ['2025-09-01', 16_180],
    ],
    yesterday: '16287.00',
    opening: '16301.00',
  },
]

const HOURS = 7 * 24
const MINUTES = 24 * 60

/** Where the simulated exchange opens, by symbol. */
export const OPENING: Readonly<Record<string, string>> = Object.fromEntries(
  COURSES.map(({ symbol, opening }) => [symbol, opening]),
)

/** Writes it; `midnight` is the first instant of today where the demo's user lives. */
export async function writePast(
  db: Database,
  { source, midnight, now }: { readonly source: string; readonly midnight: number; readonly now: number },
): Promise<void> {
  await db.asSystem(async (tx) => {
    for (const { symbol } of COURSES) {
      const [base = symbol, currency = 'USD'] = symbol.split('-')
      const kind = symbol === 'USD-IDR' ? 'CURRENCY' : 'CRYPTO'
      await instrumentStore.ensure(tx, { symbol, kind, name: base, currency, mic: null })
    }
  })
  for (const course of COURSES) {
    const candles = candlesOf(course, { source, midnight, now })
    await db.asSystem((tx) => priceStore.upsertCandles(tx, candles))
  }
}

function candlesOf(
  course: Course,
  { source, midnight, now }: { readonly source: string; readonly midnight: number; readonly now: number },
): readonly Candle[] {
  const first = Date.parse(`${course.points[0]?.[0] ?? ''}T00:00:00Z`)
  const day = LENGTH_MS['1d']
  const points = [
    ...course.points.map(([date, close]) => [Date.parse(`${date}T12:00:00Z`), close] as const),
    [midnight, Number(course.yesterday)] as const,
    [now + LENGTH_MS['1m'], Number(course.opening)] as const,
  ]
  const candle = (interval: Interval, at: number, from: number, to: number): Candle => {
    const [open, close] = [closeAt(course, points, from), closeAt(course, points, to)]
    const [high, low] = [open > close ? open : close, open > close ? close : open]
    return { symbol: course.symbol, interval, at, open, high, low, close, source, state: 'simulated' }
  }
  const every = (interval: Interval, from: number, until: number): readonly Candle[] => {
    const length = LENGTH_MS[interval]
    const begin = Math.floor(from / length) * length
    const count = Math.max(0, Math.ceil((until - begin) / length))
    return Array.from({ length: count }, (_, place) => {
      const at = begin + place * length
      return candle(interval, at, at, Math.min(at + length, until))
    })
  }
  return [
    ...every('1d', first, Math.floor(now / day) * day),
    ...every('1h', now - HOURS * LENGTH_MS['1h'], Math.floor(now / LENGTH_MS['1h']) * LENGTH_MS['1h']),
    ...every('1m', now - MINUTES * LENGTH_MS['1m'], Math.floor(now / 60_000) * 60_000),
  ]
}

/** On the way between the points around it, a little beside it; at a point the point itself. */
function closeAt({ digits, sway }: Course, points: readonly (readonly [number, number])[], at: number) {
  const after = Math.max(
    1,
    points.findIndex(([time]) => time > at),
  )
  const place = points.some(([time]) => time > at) ? after : points.length - 1
  const [fromAt, from] = points[place - 1] ?? [0, 0]
  const [toAt, to] = points[place] ?? [1, 0]
  const part = Math.min(1, Math.max(0, (at - fromAt) / (toAt - fromAt)))
  const days = at / LENGTH_MS['1d']
  // Waves of a week, a month and a quarter, and of hours; none of them at the points.
  const wave =
    Math.sin(days * 0.9 + digits) * 0.4 +
    Math.sin(days * 0.21) * 0.7 +
    Math.sin(days * 0.07 + 1) * 0.8 +
    Math.sin(days * 11.3) * 0.12
  const stray = 1 + sway * wave * Math.sin(Math.PI * part)
  return parseFixed((from * (to / from) ** part * stray).toFixed(digits))
}
