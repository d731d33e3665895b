/** Numbers of the feeds, in a locale: counts, rates, spans of time, prices. Unknown is a dash. */
export interface FeedsFormat {
  count(value: number): string
  /** With one digit behind the point. */
  rate(value: number): string
  /** A share between 0 and 1, in per cent. */
  share(value: number): string
  /** How long something is ago, or has lasted. */
  span(ms: number | null): string
  /** Ms as they are, or seconds where it is many; negative where clocks differ. */
  lag(ms: number | null): string
  /** Decimal text, exactly. */
  price(text: string | null): string
}

const UNKNOWN = '–'
const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]

export function feedsFormat(locale: string): FeedsFormat {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 3 })
  const exact = new Intl.NumberFormat(locale, { maximumFractionDigits: 20 })
  const of = (unit: string, digits = 0): ((value: number) => string) => {
    const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits }
    const format = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow', ...fraction })
    // A number and its unit stay on one line.
    return (value) => format.format(value).replaceAll(' ', '\u00a0')
  }
  const [milliseconds, tenthsOfSecond, seconds] = [of('millisecond'), of('second', 1), of('second')]
  const longer = [
    [2 * DAY, DAY, of('day')],
    [2 * HOUR, HOUR, of('hour')],
    [2 * MINUTE, MINUTE, of('minute')],
  ] as const
  return {
    count: (value) => whole.format(value),
    rate: (value) => tenths.format(value),
    share: (value) => percent.format(value),
    span(ms) {
      if (ms === null) return UNKNOWN
      const unit = longer.find(([least]) => ms >= least)
      if (unit) return unit[2](Math.floor(ms / unit[1]))
      return ms < 10 * SECOND ? tenthsOfSecond(ms / SECOND) : seconds(Math.floor(ms / SECOND))
    },
    lag(ms) {
      if (ms === null) return UNKNOWN
      return Math.abs(ms) < 2 * SECOND ? milliseconds(ms) : tenthsOfSecond(ms / SECOND)
    },
    price: (text) => (text === null ? UNKNOWN : exact.format(text as Intl.StringNumericLiteral)),
  }
}
