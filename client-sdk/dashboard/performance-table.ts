import type { AssetPerformance, Performance } from '../src/index.js'
import type { Figures } from './figures.js'
import type { InsightWords } from './insight-words.js'
import { type Cell, type Column, table } from './table.js'

const UNKNOWN = '—'

/** What each asset gave. */
export function performanceTable(
  { assets, currency }: Performance,
  side: 'net' | 'gross',
  say: InsightWords['performance'],
  write: Figures,
): HTMLElement {
  const money = (text: string | null): string => (text === null ? UNKNOWN : write.money(text, currency))
  const gain = (text: string | null): Cell => {
    if (text === null) return { text: UNKNOWN }
    const tone = text.startsWith('-') ? 'bad' : /[1-9]/.test(text) ? 'good' : undefined
    return { text: write.money(text, currency, { signed: true }), ...(tone ? { tone } : {}) }
  }
  const columns: readonly Column<AssetPerformance>[] = [
    {
      head: say.asset,
      kind: 'name',
      cell: ({ name, symbol }) => (symbol === null || symbol === name ? name : { text: name, note: symbol }),
    },
    { head: say.quantity, kind: 'number', cell: ({ quantity }) => write.number(quantity, 8) },
    { head: say.invested, kind: 'number', cell: ({ investment }) => money(investment) },
    { head: say.value, kind: 'number', cell: ({ endValue }) => money(endValue) },
    { head: say.realised, kind: 'number', cell: ({ realised }) => gain(realised) },
    { head: say.unrealised, kind: 'number', cell: ({ unrealised }) => gain(unrealised) },
    {
      head: side === 'net' ? say.sides.net : say.sides.gross,
      kind: 'number',
      cell: ({ netPerformance, grossPerformance }) =>
        gain(side === 'net' ? netPerformance : grossPerformance),
    },
  ]
  const shown = table({ label: say.assets, columns, key: ({ assetId }) => assetId })
  shown.show(assets)
  return shown.element
}
