import type { AssetType, PriceState, UnpricedReason } from '../../../src/protocol/resources.js'
import { type AlertWords, english, indonesian } from './alert-words.js'

/** What the widgets say, in English and Indonesian. */
export interface WidgetWords {
  readonly netWorth: string
  readonly today: string
  readonly gain: string
  readonly share: string
  readonly asset: string
  readonly quantity: string
  readonly price: string
  readonly value: string
  readonly waiting: string
  readonly offline: string
  readonly signedOut: string
  readonly nothingHeld: string
  readonly noClient: string
  readonly alertMe: string
  readonly updated: string
  readonly priced: (priced: number, of: number) => string
  readonly stale: (count: number) => string
  readonly states: Readonly<Record<PriceState, string>>
  readonly reasons: Readonly<Record<UnpricedReason, string>>
  readonly types: Readonly<Record<AssetType, string>>
  readonly alerts: AlertWords
  readonly goal: {
    readonly loading: string
    readonly missing: string
    readonly of: string
    readonly left: (amount: string) => string
    readonly reached: string
    readonly notYet: string
    readonly projected: (date: string) => string
    readonly notInSight: string
    readonly by: (date: string) => string
  }
}

const en: WidgetWords = {
  netWorth: 'Net worth',
  today: 'Today',
  gain: 'Gain',
  share: 'Share',
  asset: 'Asset',
  quantity: 'Quantity',
  price: 'Price',
  value: 'Value',
  waiting: 'Waiting for the first numbers',
  offline: 'Offline – last known values',
  signedOut: 'Not signed in',
  nothingHeld: 'Nothing here yet',
  noClient: 'No Harta client configured',
  alertMe: 'Alert me about',
  updated: 'Updated',
  priced: (priced, of) => `${priced} of ${of} priced`,
  stale: (count) => `${count} stale`,
  states: {
    live: 'live',
    delayed: 'delayed',
    stale: 'stale',
    closed: 'market closed',
    manual: 'manual',
    simulated: 'simulated',
  },
  reasons: { 'no-price': 'no price known', 'no-rate': 'no exchange rate' },
  types: { CASH: 'Cash', STOCK: 'Stock', CRYPTO: 'Crypto', REAL: 'Property', LIABILITY: 'Debt' },
  alerts: english,
  goal: {
    loading: 'Looking for the goal',
    missing: 'There is no such goal',
    of: 'of',
    left: (amount) => `${amount} to go`,
    reached: 'reached',
    notYet: 'not yet',
    projected: (date) => `at this pace ${date}`,
    notInSight: 'not in sight at this pace',
    by: (date) => `wanted by ${date}`,
  },
}

const id: WidgetWords = {
  netWorth: 'Kekayaan bersih',
  today: 'Hari ini',
  gain: 'Untung',
  share: 'Porsi',
  asset: 'Aset',
  quantity: 'Jumlah',
  price: 'Harga',
  value: 'Nilai',
  waiting: 'Menunggu angka pertama',
  offline: 'Luring – nilai terakhir yang diketahui',
  signedOut: 'Belum masuk',
  nothingHeld: 'Belum ada apa-apa di sini',
  noClient: 'Klien Harta belum diatur',
  alertMe: 'Beri kabar tentang',
  updated: 'Diperbarui',
  priced: (priced, of) => `${priced} dari ${of} berharga`,
  stale: (count) => `${count} usang`,
  states: {
    live: 'langsung',
    delayed: 'tertunda',
    stale: 'usang',
    closed: 'bursa tutup',
    manual: 'manual',
    simulated: 'simulasi',
  },
  reasons: { 'no-price': 'harga tidak diketahui', 'no-rate': 'kurs tidak diketahui' },
  types: { CASH: 'Kas', STOCK: 'Saham', CRYPTO: 'Kripto', REAL: 'Properti', LIABILITY: 'Utang' },
  alerts: indonesian,
  goal: {
    loading: 'Mencari target',
    missing: 'Target ini tidak ada',
    of: 'dari',
    left: (amount) => `${amount} lagi`,
    reached: 'tercapai',
    notYet: 'belum',
    projected: (date) => `dengan laju ini ${date}`,
    notInSight: 'belum terlihat dengan laju ini',
    by: (date) => `diinginkan sebelum ${date}`,
  },
}

export function widgetWords(locale: string): WidgetWords {
  return /^id\b/i.test(locale) ? id : en
}
