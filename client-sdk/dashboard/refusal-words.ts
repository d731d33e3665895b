import type { Language } from './words.js'

/**
 * What the server refuses, in the language of the page. Its `code` says what it is; in English its own sentence
 * will do, unless that speaks to programs. What has no line here is said as the server says it.
 */
export const refusals: Readonly<Record<string, { readonly en?: string; readonly id: string }>> = {
  'account-disabled': { id: 'Akun ini dinonaktifkan.' },
  'account-not-empty': {
    id: 'Ekspor lengkap hanya dapat diambil alih oleh akun baru; akun ini sudah berisi.',
  },
  'account-without-price': { id: 'Rekening bernilai sebesar saldonya.' },
  'amount-too-large': { id: 'Jumlahnya akan melebihi 20 angka.' },
  'body-too-large': {
    en: 'That is more than can be sent at once.',
    id: 'Itu terlalu besar untuk dikirim sekaligus.',
  },
  'budget-exists': { id: 'Kategori ini sudah punya anggaran untuk bulan itu.' },
  busy: {
    en: 'The server is busy. Try again in a moment.',
    id: 'Server sedang sibuk. Coba lagi sebentar lagi.',
  },
  'category-exists': { id: 'Kategori itu sudah ada.' },
  'currency-mismatch': { id: 'Simbol itu dihargai dalam mata uang lain.' },
  'email-confirmed': { id: 'Alamat ini sudah dikonfirmasi.' },
  'email-failed': { id: 'Surelnya tidak dapat dikirim; coba lagi nanti.' },
  'email-refused': { id: 'Surel ke alamat ini ditolak.' },
  'email-unconfirmed': { id: 'Konfirmasikan alamat surel Anda dahulu.' },
  'email-taken': {
    en: 'There is an account with this e-mail address already.',
    id: 'Sudah ada akun dengan surel ini.',
  },
  'follows-from-another': { id: 'Ini akibat dari catatan lain; ubahlah yang itu.' },
  forbidden: { id: 'Anda tidak berhak melakukan itu.' },
  'idempotency-answer-lost': {
    en: 'It was sent already; have a look whether it is there.',
    id: 'Sudah terkirim; periksa apakah sudah ada.',
  },
  'idempotency-key-in-use': { en: 'It is on its way already.', id: 'Sudah dalam proses.' },
  'import-not-previewed': { id: 'Impor ini sudah dikonfirmasi sebelumnya.' },
  'import-running': { id: 'Impor lain sedang ditulis; tunggu sampai selesai.' },
  'in-use': { id: 'Yang dipindahkan dari aset ini sudah dilepas di tempat lain; hapus itu dulu.' },
  internal: { id: 'Ada yang salah di pihak kami.' },
  'invalid-input': { id: 'Sebagian isian tidak dapat diterima.' },
  'no-rate': {
    en: 'No exchange rate is known for that date; give one.',
    id: 'Kurs pada tanggal itu tidak diketahui; isilah sendiri.',
  },
  'not-available': { id: 'Server ini tidak dapat mengabari Anda dengan cara itu.' },
  'not-found': { en: 'It is not there any more.', id: 'Sudah tidak ada.' },
  'not-ready': {
    en: 'The server is starting. Try again in a moment.',
    id: 'Server baru mulai. Coba lagi sebentar lagi.',
  },
  oversold: {
    en: 'That is more than was held on that day.',
    id: 'Itu lebih banyak daripada yang dimiliki pada hari itu.',
  },
  'password-wrong': { id: 'Kata sandinya salah.' },
  'precondition-failed': {
    en: 'This was changed elsewhere meanwhile. Have another look and try again.',
    id: 'Ini diubah di tempat lain sementara itu. Periksa lagi lalu coba lagi.',
  },
  'priced-by-market': { id: 'Aset ini memakai harga pasarnya.' },
  'rate-limited': {
    en: 'Too many tries. Wait a moment and try again.',
    id: 'Terlalu banyak percobaan. Tunggu sebentar lalu coba lagi.',
  },
  'refresh-token-invalid': {
    en: 'Your session is over. Sign in again.',
    id: 'Sesi Anda berakhir. Masuklah lagi.',
  },
  'session-ended': { en: 'Your session is over. Sign in again.', id: 'Sesi Anda berakhir. Masuklah lagi.' },
  'signed-out': { en: 'You are signed out. Sign in again.', id: 'Anda sudah keluar. Masuklah lagi.' },
  'test-under-way': { id: 'Uji coba lain masih berjalan.' },
  'too-many-alerts': { id: 'Satu akun dapat menyimpan paling banyak 200 peringatan.' },
  'too-many-assets': { id: 'Jumlah aset untuk satu akun sudah penuh.' },
  'too-many-at-once': { id: 'Terlalu banyak sekaligus. Tunggu sebentar lalu coba lagi.' },
  'too-many-goals': { id: 'Jumlah target untuk satu akun sudah penuh.' },
  'too-many-rules': { id: 'Jumlah catatan berulang untuk satu akun sudah penuh.' },
  'too-many-subscriptions': { id: 'Jumlah perangkat untuk satu akun sudah penuh.' },
  'too-many-webhooks': { id: 'Jumlah penerima untuk satu akun sudah penuh.' },
  unauthenticated: { en: 'Your session is over. Sign in again.', id: 'Sesi Anda berakhir. Masuklah lagi.' },
  'unknown-symbol': { id: 'Simbol itu tidak menamai apa pun yang punya harga pasar.' },
  'webhook-switched-off': { id: 'Penerima ini dimatikan.' },
  'webhook-unsigned': { id: 'Yang dikirim ke obrolan tidak ditandatangani.' },
}

/**
 * What it says at a field, in Indonesian; `{}` is what differs from one to the next. The fault of a field comes
 * without a code, so these are the server's own sentences.
 */
export const fieldFaults: Readonly<Record<string, string>> = {
  'cannot be read as CSV': 'tidak dapat dibaca sebagai CSV',
  'does not belong to an alert of the kind {}': 'tidak berlaku untuk peringatan ini',
  'has passed; give a later one, or null': 'sudah lewat; pilih yang lebih kemudian, atau kosongkan',
  'has to be a listing such as BBCA.JK': 'harus berupa saham seperti BBCA.JK',
  'has to be a pair such as BTC-USD': 'harus berupa pasangan seperti BTC-USD',
  'has to be a pair such as BTC-USD or a listing such as BBCA.JK':
    'harus berupa pasangan seperti BTC-USD atau saham seperti BBCA.JK',
  'has to be a symbol such as BTC-USD or BBCA.JK': 'harus berupa simbol seperti BTC-USD atau BBCA.JK',
  'has to be another symbol': 'harus simbol lain',
  'has to be {}, in which {} is priced': 'harus {}, mata uang harga {}',
  'has to begin with https://': 'harus diawali https://',
  'has to begin with https:// or http://': 'harus diawali https:// atau http://',
  'has to end at another time than it begins': 'harus berakhir pada waktu yang lain dari mulainya',
  'has to end with a topic': 'harus diakhiri nama topik',
  'has to lie in the future': 'harus di masa depan',
  'is a unit of prices, not a currency': 'adalah satuan harga, bukan mata uang',
  'is more than was held on that day': 'lebih banyak daripada yang dimiliki pada hari itu',
  'is needed': 'harus diisi',
  'is needed to find its price': 'diperlukan untuk mencari harganya',
  'is needed, or amount': 'harus diisi, atau nominalnya',
  'is no asset of yours': 'bukan aset Anda',
  'is no category of yours': 'bukan kategori Anda',
  'is no date': 'bukan tanggal',
  'is no number that can be kept': 'bukan angka yang dapat disimpan',
  'is none of your {}s': 'bukan milik Anda',
  'is not a currency code that we know (ISO 4217)': 'bukan kode mata uang yang kami kenal',
  'is not a date in the calendar': 'bukan tanggal di kalender',
  'is not an access token': 'bukan token akses',
  'is not an e-mail address': 'bukan alamat surel',
  'is not available on this server': 'tidak tersedia di server ini',
  'is not the token of a bot': 'bukan token bot',
  'is not there any more': 'sudah tidak ada',
  'lies in the future': 'ada di masa depan',
  'makes an amount of more than 20 digits': 'membuat jumlah lebih dari 20 angka',
  'must be 0.01 at least': 'paling sedikit 0,01',
  'must be a calendar date YYYY-MM-DD': 'harus berupa tanggal',
  'must be a decimal number as text, at most 20 digits before the point and 18 behind it':
    'harus berupa angka, paling banyak 20 angka di depan koma dan 18 di belakangnya',
  'must be a time of day HH:MM': 'harus berupa jam',
  'must be a URL': 'harus berupa alamat web',
  'must be an address that begins with https:// or http://':
    'harus berupa alamat yang diawali https:// atau http://',
  'must be less than 100': 'harus kurang dari 100',
  'must be less than {}': 'harus kurang dari {}',
  'must be more than zero': 'harus lebih dari nol',
  'must be the number of a chat, or @ and the name of a channel':
    'harus berupa nomor obrolan, atau @ dan nama kanal',
  'must be one of {}': 'harus salah satu dari {}',
  'must be {} at least': 'paling sedikit {}',
  'must be {} at most': 'paling banyak {}',
  'must have {} characters at least': 'paling sedikit {} karakter',
  'must have {} characters at most': 'paling banyak {} karakter',
  'must have {} bytes at most (UTF-8)': 'paling banyak {} bita',
  'must name one at least': 'pilih paling sedikit satu',
  'must not be empty': 'tidak boleh kosong',
  'must not be negative': 'tidak boleh negatif',
  'must not be zero': 'tidak boleh nol',
  'must not contain a user or a password': 'tidak boleh berisi pengguna atau kata sandi',
  'must not contain NUL characters or unpaired surrogates': 'berisi karakter yang tidak dapat disimpan',
  'no rate of {} to {} is known of {}': 'kurs {} ke {} pada {} tidak diketahui',
}

const patterns = Object.entries(fieldFaults).map(([sentence, id]) => ({
  is: new RegExp(`^${sentence.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll('{}', '(.+)')}$`),
  id,
}))

/** What is wrong with a field, in this language. */
export function fieldFault(detail: string, language: Language): string {
  if (language === 'en') return detail
  for (const { is, id } of patterns) {
    const found = is.exec(detail)
    if (!found) continue
    let place = 0
    return id.replaceAll('{}', () => {
      place += 1
      return found[place] ?? ''
    })
  }
  return detail
}
