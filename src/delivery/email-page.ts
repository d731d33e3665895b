import { confirmationWords, messageWords, timeWords } from './email-words.js'
import type { Item, Parcel } from './way.js'

/**
 * What an e-mail says, as text and as HTML. The HTML stands for itself: styles are in it, nothing is loaded from
 * anywhere, and every value is escaped. Its colours are readable on white and on black, for programs that turn them
 * round by themselves; where a program knows `prefers-color-scheme`, it is told which are meant.
 */
export interface Page {
  /** One line. */
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface PageLinks {
  /** Where more is shown. */
  readonly open: string
  /** Where e-mails are stopped. */
  readonly stop: string
}

const MOST_SHOWN = 20
const LONGEST_SUBJECT = 200

export function emailPage({ to, items }: Pick<Parcel, 'to' | 'items'>, { open, stop }: PageLinks): Page {
  const words = messageWords(to.locale)
  const title = items.length === 1 ? items[0].title : words.digest(items.length)
  const shown = items.slice(0, MOST_SHOWN).map((item) => ({
    item,
    time: timeWords(to.locale, to.timeZone, item.at),
  }))
  const rest = items.length > MOST_SHOWN ? words.more(items.length - MOST_SHOWN) : null
  return {
    subject: oneLine(title, LONGEST_SUBJECT),
    text: textOf(),
    html: htmlOf(),
  }

  function textOf(): string {
    const told = shown.map(({ item, time }) => `${item.title}\n${bodyOf(item)}${time}\n`)
    const heading = items.length === 1 ? [] : [`${title}\n`]
    const foot = ['--', words.why, `${words.stop}: ${stop}`].join('\n')
    return [
      ...heading,
      ...told,
      ...(rest === null ? [] : [`${rest}\n`]),
      `${words.open}: ${open}\n`,
      foot,
    ].join('\n')
  }

  function htmlOf(): string {
    const heading = items.length === 1 ? '' : headingHtml(title)
    const told = shown.map(({ item, time }) => notificationHtml(item, time, items.length === 1 ? 'h1' : 'h2'))
    const more = rest === null ? '' : `<p class="m" style="${STYLES.small}">${escaped(rest)}</p>`
    const content = `${heading}${told.join('\n')}${more}\n${buttonHtml(words.open, open)}`
    const end = `<br><a class="m" href="${escaped(stop)}" style="${STYLES.quiet}">${escaped(words.stop)}</a>`
    return sheetHtml({ tag: words.tag, title, content, foot: `${escaped(words.why)}${end}` })
  }
}

/** The message that asks whether an address is its reader's; it says nothing that the user has written. */
export function confirmationPage(locale: string, link: string): Page {
  const { tag, title, ask, button, foot } = confirmationWords(locale)
  const content = `${headingHtml(title)}<p style="${STYLES.words}">${escaped(ask)}</p>\n${buttonHtml(button, link)}`
  return {
    subject: title,
    text: [`${ask}\n`, `${button}: ${link}\n`, '--', foot].join('\n'),
    html: sheetHtml({ tag, title, content, foot: escaped(foot) }),
  }
}

const FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
const STYLES = {
  body: `margin:0;padding:0;background:#ffffff;color:#1c1c1e;${FONT}`,
  sheet: 'max-width:560px;margin:0 auto;padding:24px 20px;font-size:16px;line-height:1.5',
  heading: 'margin:0 0 16px;font-size:20px;line-height:1.3;font-weight:600;color:#1c1c1e',
  part: 'margin:0 0 20px',
  item: 'margin:0 0 4px;font-size:17px;line-height:1.35;font-weight:600;color:#1c1c1e',
  words: 'margin:0 0 4px;white-space:pre-line;overflow-wrap:anywhere',
  small: 'margin:0;font-size:13px;color:#6b6b70',
  action: 'margin:24px 0',
  button:
    'display:inline-block;padding:12px 20px;border-radius:8px;background:#0b6b50;color:#ffffff;font-weight:600;text-decoration:none',
  foot: 'margin:32px 0 0;padding:16px 0 0;border-top:1px solid #8888884d;font-size:13px;color:#6b6b70',
  quiet: 'color:#6b6b70;text-decoration:underline',
} as const

/** A style of an element wins over a rule, unless the rule says that it matters. */
const DARK =
  '@media (prefers-color-scheme:dark){.b{background:#151517!important;color:#f2f2f4!important}' +
  '.t{color:#f2f2f4!important}.m{color:#a0a0a6!important}}'

/** `content` and `foot` are HTML. */
function sheetHtml(sheet: Readonly<Record<'tag' | 'title' | 'content' | 'foot', string>>): string {
  const { tag, title, content, foot } = sheet
  return `<!doctype html>
<html lang="${tag}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escaped(title)}</title>
<style>${DARK}</style></head>
<body class="b" style="${STYLES.body}"><div style="${STYLES.sheet}">
${content}
<p class="m" style="${STYLES.foot}">${foot}</p>
</div></body></html>
`
}

function headingHtml(title: string): string {
  return `<h1 class="t" style="${STYLES.heading}">${escaped(title)}</h1>`
}

function buttonHtml(words: string, link: string): string {
  return `<p style="${STYLES.action}"><a href="${escaped(link)}" style="${STYLES.button}">${escaped(words)}</a></p>`
}

function notificationHtml(item: Item, time: string, tag: 'h1' | 'h2'): string {
  const style = tag === 'h1' ? STYLES.heading : STYLES.item
  const body = item.body === '' ? '' : `<p style="${STYLES.words}">${escaped(item.body)}</p>`
  return `<div style="${STYLES.part}"><${tag} class="t" style="${style}">${escaped(item.title)}</${tag}>
${body}<p class="m" style="${STYLES.small}">${escaped(time)}</p></div>`
}

function bodyOf({ body }: Item): string {
  return body === '' ? '' : `${body}\n`
}

/** Without anything that would end a line or begin another header; cut between characters. */
export function oneLine(text: string, most: number): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim()
  const characters = [...line]
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join('')}…`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}
