import type { Language } from './words.js'

export type Theme = 'auto' | 'light' | 'dark'

const RANGES = ['LIVE', '1D', '1W', '1M', '3M', '1Y', 'ALL'] as const
/** How much of the past the chart of the net worth shows. */
export type Range = (typeof RANGES)[number]

function isRange(text: string | null): text is Range {
  return RANGES.some((range) => range === text)
}

/** Language and colours: the browser's wish until the user picks, and that is kept in the browser. */
export const preferences = {
  get language(): Language {
    const kept = read('harta:language')
    if (kept === 'en' || kept === 'id') return kept
    return /^id\b/i.test(navigator.language) ? 'id' : 'en'
  },
  set language(language: Language) {
    write('harta:language', language)
  },
  get theme(): Theme {
    const kept = read('harta:theme')
    return kept === 'light' || kept === 'dark' ? kept : 'auto'
  },
  set theme(theme: Theme) {
    write('harta:theme', theme)
  },
  get range(): Range {
    const kept = read('harta:range')
    return isRange(kept) ? kept : 'LIVE'
  },
  set range(range: Range) {
    write('harta:range', range)
  },
}

/** Puts both on the page; style sheets and widgets read them there. */
export function applyPreferences(): void {
  document.documentElement.lang = preferences.language
  document.documentElement.dataset.theme = preferences.theme
}

/** The locale of numbers: the browser's own, as long as it speaks the chosen language. */
export function locale(): string {
  const { language } = preferences
  return navigator.language.toLowerCase().startsWith(language) ? navigator.language : language
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // A browser that keeps nothing shows the default again next time.
  }
}
