import { type Figure, type Goal, isReached, ratioOf, type Skipped } from './figure.js'

const HEAD = ['name', 'figure', 'unit', 'floor or peer', 'its figure', 'ratio', 'goal', 'reached']

/** The figures as aligned text; the notes and what was skipped below. */
export function table(lines: readonly (Figure | Skipped)[]): string {
  const figures = lines.flatMap((line) => ('skipped' in line ? [] : [line]))
  const rows = [HEAD, ...figures.map(row)]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  const text = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  for (const { name, note } of figures) if (note !== undefined) text.push(`${name}: ${note}`)
  for (const line of lines) if ('skipped' in line) text.push(`skipped ${line.name}: ${line.skipped}`)
  return `${text.join('\n')}\n`
}

function row(figure: Figure): readonly string[] {
  const ratio = ratioOf(figure)
  const reached = isReached(figure)
  return [
    figure.name,
    number(figure.figure),
    figure.unit,
    figure.floor?.name ?? '-',
    figure.floor ? number(figure.floor.figure) : '-',
    ratio === null ? '-' : ratio.toFixed(2),
    figure.goal === null ? '-' : goalText(figure.goal),
    reached === null ? '-' : reached ? 'yes' : 'no',
  ]
}

function goalText(goal: Goal): string {
  const bound = 'atLeast' in goal ? `>= ${number(goal.atLeast)}` : `<= ${number(goal.atMost)}`
  return goal.of === 'ratio' ? `ratio ${bound}` : bound
}

function number(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', { maximumFractionDigits: digits })
}
