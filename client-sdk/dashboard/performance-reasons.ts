import { preferences } from './preferences.js'
import type { Language } from './words.js'

/** Why a figure of the performance is not known; a reason without words here is shown as the server tells it. */
const REASONS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    'no-price': 'a price is missing',
    'no-rate': 'an exchange rate is missing',
    'no-sign-change': 'money has only flowed one way',
    'no-root': 'no rate fits the flows',
    'out-of-range': 'the rate is beyond all measure',
    'not-positive': 'the value was not above zero',
    'too-few-days': 'too few days',
    'nothing-invested': 'nothing was invested',
  },
  id: {
    'no-price': 'ada harga yang tidak diketahui',
    'no-rate': 'ada kurs yang tidak diketahui',
    'no-sign-change': 'uang hanya mengalir satu arah',
    'no-root': 'tidak ada tingkat yang cocok',
    'out-of-range': 'tingkatnya di luar ukuran',
    'not-positive': 'nilainya tidak di atas nol',
    'too-few-days': 'terlalu sedikit hari',
    'nothing-invested': 'tidak ada investasi',
  },
}

export function reasonText(code: string | undefined, otherwise: string): string {
  return code === undefined ? otherwise : (REASONS[preferences.language][code] ?? code)
}
