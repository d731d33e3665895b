import { h } from './dom.js'

export type Tone = 'good' | 'warn' | 'bad' | 'idle'

/** What stands in one place of a table: text, its meaning by colour, and as a badge when it is a state. */
export interface Cell {
  readonly text: string
  readonly tone?: Tone
  readonly badge?: boolean
  /** Beside it, smaller. */
  readonly note?: string
}

export interface Column<T> {
  readonly head: string
  /** `long` is a sentence rather than a word. */
  readonly kind?: 'number' | 'name' | 'state' | 'long'
  readonly cell: (row: T) => Cell | string
}

/** A list that unfolds below a row. */
export interface Group {
  readonly title: string
  readonly items: readonly (readonly [name: string, text: string])[]
}

export interface TableOptions<T> {
  /** What the table is of, for those who do not see it. */
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly key: (row: T) => string
  readonly more?: {
    readonly head: string
    readonly label: (row: T) => string
    /** Empty where there is nothing to unfold. */
    readonly groups: (row: T) => readonly Group[]
  }
}

export interface Table<T> {
  readonly element: HTMLElement
  show(rows: readonly T[]): void
}

interface Row {
  readonly element: HTMLTableRowElement
  readonly cells: readonly HTMLTableCellElement[]
  readonly button: HTMLButtonElement
  readonly below: HTMLTableRowElement
}

/** What unfolds is cut after so many. */
const MOST_ITEMS = 200
const NOTHING = '–'

/**
 * A table that is shown again and again: rows are kept by their key and only what has changed is written, so that
 * focus, selection and what is unfolded outlive the next report.
 */
export function table<T>({ label, columns, key, more }: TableOptions<T>): Table<T> {
  const heads = [...columns.map(({ head }) => head), ...(more ? [more.head] : [])]
  const body = h('tbody')
  const rows = new Map<string, Row>()
  const written = new WeakMap<Element, string>()

  /** Fills an element anew when what is to stand in it is something else than before. */
  function write(element: Element, content: unknown, nodes: () => (Node | string)[]): void {
    const text = JSON.stringify(content)
    if (written.get(element) === text) return
    written.set(element, text)
    element.replaceChildren(...nodes())
  }

  function open(): Row {
    const cells = columns.map(({ head, kind }) => h('td', { 'data-label': head, class: kind }))
    const below = h('tr', { class: 'more', hidden: true }, h('td', { colspan: heads.length }))
    const button = h('button', {
      type: 'button',
      class: 'unfold',
      'aria-expanded': 'false',
      click: () => {
        below.hidden = !below.hidden
        button.setAttribute('aria-expanded', String(!below.hidden))
      },
    })
    const last = more ? [h('td', { 'data-label': more.head, class: 'unfolds' }, button)] : []
    return { element: h('tr', {}, ...cells, ...last), cells, button, below }
  }

  function fill({ element, cells, button, below }: Row, row: T): void {
    columns.forEach(({ cell }, i) => {
      const told = cell(row)
      const content = typeof told === 'string' ? { text: told } : told
      const place = cells[i]
      if (place) write(place, content, () => cellNodes(content))
    })
    if (!more) return
    const groups = more.groups(row).filter(({ items }) => items.length > 0)
    button.disabled = groups.length === 0
    button.textContent = groups.length === 0 ? NOTHING : more.label(row)
    if (groups.length === 0) {
      below.hidden = true
      button.setAttribute('aria-expanded', 'false')
    }
    const place = below.firstElementChild
    if (place) write(place, groups, () => groups.map(groupNode))
    element.classList.toggle('has-more', groups.length > 0)
  }

  return {
    element: h(
      'table',
      { 'aria-label': label },
      h('thead', {}, h('tr', {}, ...columns.map(headNode), more && h('th', { scope: 'col' }, more.head))),
      body,
    ),
    show(all) {
      const kept = new Set(all.map(key))
      for (const [name, { element, below }] of rows) {
        if (kept.has(name)) continue
        element.remove()
        below.remove()
        rows.delete(name)
      }
      let place = body.firstElementChild
      for (const one of all) {
        const row = rows.get(key(one)) ?? open()
        rows.set(key(one), row)
        fill(row, one)
        for (const element of more ? [row.element, row.below] : [row.element]) {
          if (element === place) place = place.nextElementSibling
          else body.insertBefore(element, place)
        }
      }
    },
  }
}

function headNode<T>({ head, kind }: Column<T>): HTMLElement {
  return h('th', { scope: 'col', class: kind }, head)
}

function cellNodes({ text, tone, badge, note }: Cell): (Node | string)[] {
  const value = h('span', { class: badge ? 'badge' : undefined, 'data-tone': tone }, text)
  return note === undefined ? [value] : [value, ' ', h('small', {}, note)]
}

function groupNode({ title, items }: Group): HTMLElement {
  const rest = items.length - MOST_ITEMS
  return h(
    'div',
    { class: 'group' },
    h('h3', {}, title),
    h(
      'ul',
      {},
      ...items.slice(0, MOST_ITEMS).map(([name, text]) => h('li', {}, h('b', {}, name), text && ` ${text}`)),
      rest > 0 && h('li', {}, `+ ${rest}`),
    ),
  )
}
