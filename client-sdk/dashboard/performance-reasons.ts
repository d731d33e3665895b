import { preferences } from './preferences.js'
import type { Language } from './words.js'

/** Why a figure of the performance is not known; a reason without words here is shown as the server tells it. */
const REASONS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    'no-price': 'a price is missing',
    'no-rate': 'an exchange rate is missing',
    'no-value': 'a value is missing',
    'no-sign-change': 'money has only flowed one way',
    'no-root': 'no rate fits the flows',
    'out-of-range': 'the rate is beyond all measure',
    'too-short': 'the time is too short',
    'under-a-year': 'only for a year or more',
    'no-investment': 'nothing was invested',
    'no-activity': 'nothing was bought yet',
    'no-activities': 'nothing was bought yet',
  },
  id: {
    'no-price': 'ada harga yang tidak diketahui',
    'no-rate': 'ada kurs yang tidak diketahui',
    'no-value': 'ada nilai yang tidak diketahui',
    'no-sign-change': 'uang hanya mengalir satu arah',
    'no-root': 'tidak ada tingkat yang cocok',
    'out-of-range': 'tingkatnya di luar ukuran',
    'too-short': 'rentang waktunya terlalu singkat',
    'under-a-year': 'hanya untuk setahun atau lebih',
    'no-investment': 'tidak ada investasi',
    'no-activity': 'belum ada pembelian',
    'no-activities': 'belum ada pembelian',
  },
}

export function reasonText(code: string | undefined, otherwise: string): string {
  return code === undefined ? otherwise : (REASONS[preferences.language][code] ?? code)
}
