import type { AssetType, PriceState, UnpricedReason } from '../../../src/protocol/resources.js'

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
  readonly updated: string
  readonly priced: (priced: number, of: number) => string
  readonly stale: (count: number) => string
  readonly states: Readonly<Record<PriceState, string>>
  readonly reasons: Readonly<Record<UnpricedReason, string>>
  readonly types: Readonly<Record<AssetType, string>>
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
}

export function widgetWords(locale: string): WidgetWords {
  return /^id\b/i.test(locale) ? id : en
}
