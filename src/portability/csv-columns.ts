import type { CsvKind, CsvReading } from '../protocol/resources.js'

/** Fields of ours that a column of a CSV file can be. */
const ACTIVITY_FIELDS = [
  'date',
  'type',
  'assetType',
  'asset',
  'symbol',
  'assetCurrency',
  'pricing',
  'quantity',
  'unitPrice',
  'amount',
  'fee',
  'tax',
  'currency',
  'rate',
  'ratio',
  'account',
  'toAsset',
  'toQuantity',
  'note',
] as const
const FLOW_FIELDS = [
  'date',
  'amount',
  'debit',
  'credit',
  'type',
  'currency',
  'category',
  'account',
  'tags',
  'note',
] as const
export type CsvField = (typeof ACTIVITY_FIELDS)[number] | (typeof FLOW_FIELDS)[number]

/** Columns of our own files, in their order. */
export const OWN_COLUMNS: Readonly<Record<CsvKind, readonly string[]>> = {
  activities: ACTIVITY_FIELDS,
  incomes: ['date', 'income', 'currency', 'category', 'account', 'tags', 'note'],
  expenses: ['date', 'expense', 'currency', 'category', 'account', 'tags', 'note'],
}

/** Which of our own files this is the head of; null: none. */
export function ownKind(columns: readonly string[]): CsvKind | null {
  const head = columns.join()
  const kinds: readonly CsvKind[] = ['activities', 'incomes', 'expenses']
  return kinds.find((kind) => OWN_COLUMNS[kind].join() === head) ?? null
}

type Words = Readonly<Partial<Record<CsvField, string>>>

/** What columns are called, in English and Indonesian, without blanks and signs. */
const BOTH: Words = {
  date: 'date tanggal tgl transactiondate tradedate bookingdate postingdate valuedate completeddate datetime tanggaltransaksi waktu time datum',
  currency: 'currency matauang ccy curr valuta currencycode',
  account: 'account akun rekening wallet dompet accountname namaakun namarekening kas',
  note: 'note notes comment comments description desc memo catatan keterangan deskripsi uraian remark remarks berita detail details payee merchant penerima',
}
const OF_ACTIVITIES: Words = {
  ...BOTH,
  type: 'type tipe jenis transactiontype action side activity activitytype jenistransaksi transaksi aktivitas',
  assetType: 'assettype assetclass jenisaset tipeaset kelasaset',
  asset: 'asset aset assetname namaaset security holding instrument instrumen product produk name nama',
  symbol: 'symbol simbol ticker kode kodesaham kodeefek code pair coin koin saham stock',
  assetCurrency: 'assetcurrency matauangaset',
  pricing: 'pricing',
  quantity:
    'quantity qty kuantitas unit units shares lembar jumlahunit jumlahlembar jumlahsaham volume jumlah',
  unitPrice: 'unitprice price harga hargasatuan hargaperunit hargaperlembar priceperunit pricepershare',
  amount: 'amount total nilai totalamount totalnilai value nominal gross netamount',
  fee: 'fee fees biaya komisi commission commissions brokerage',
  tax: 'tax taxes pajak pph',
  rate: 'rate exchangerate fxrate kurs',
  ratio: 'ratio rasio splitratio',
  toAsset: 'toasset keaset',
  toQuantity: 'toquantity',
}
const OF_FLOWS: Words = {
  ...BOTH,
  amount: 'amount jumlah nominal nilai total value sum totalamount',
  debit:
    'debit debet expense expenses pengeluaran keluar uangkeluar withdrawal withdrawals outflow paidout moneyout mutasidebet',
  credit:
    'credit kredit income incomes pemasukan penerimaan masuk uangmasuk deposit deposits inflow paidin moneyin mutasikredit',
  type: 'type tipe jenis transactiontype jenistransaksi dbcr crdb dk',
  category: 'category kategori categoryname namakategori group',
  tags: 'tags tag label labels',
}
/** What only activities have. */
const TELLING: readonly CsvField[] = ['symbol', 'quantity', 'unitPrice', 'ratio']

export function fieldsOf(kind: CsvReading['kind']): readonly CsvField[] {
  return kind === 'activities' ? ACTIVITY_FIELDS : FLOW_FIELDS
}

export type Mapping = Readonly<Partial<Record<CsvField, string>>>

/** What the rows are, by the names of the columns. */
export function guessKind(columns: readonly string[], told: Mapping): CsvReading['kind'] {
  const own = ownKind(columns)
  if (own) return own
  const activities = { ...guessMapping(columns, 'activities'), ...told }
  const telling = TELLING.filter((field) => activities[field] !== undefined)
  // A column that says nothing but `jumlah` may be of either.
  const plain = telling.length === 1 && plainName(activities.quantity ?? '') === 'jumlah'
  return telling.length > 0 && !plain ? 'activities' : 'flows'
}

/** The column of each field, by their names. */
export function guessMapping(columns: readonly string[], kind: CsvReading['kind']): Mapping {
  const words = kind === 'activities' ? OF_ACTIVITIES : OF_FLOWS
  const found: Partial<Record<CsvField, string>> = {}
  const taken = new Set<string>()
  for (const field of fieldsOf(kind)) {
    const names = (words[field] ?? '').split(' ')
    const fitting = columns.filter((column) => !taken.has(column) && names.includes(plainName(column)))
    const [best] = fitting.sort((a, b) => names.indexOf(plainName(a)) - names.indexOf(plainName(b)))
    if (best === undefined) continue
    found[field] = best
    taken.add(best)
  }
  return found
}

/** `Jumlah (Rp)` -> `jumlah` */
function plainName(column: string): string {
  const letters = column
    .replace(/\(.*?\)/g, '')
    .normalize('NFD')
    .toLowerCase()
  return letters.replace(/[^a-z0-9]/g, '')
}
