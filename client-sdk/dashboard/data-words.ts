import type { Import, ImportFormat } from '../src/index.js'
import type { Language } from './words.js'

/** What the page says that takes data over from elsewhere and gives it out again. */
const en = {
  title: 'Import & export',
  import: 'Take over a file',
  importNote: 'First it is only read: you see what is in it before anything is written.',
  format: 'What is in the file?',
  formats: { csv: 'CSV', ghostfolio: 'Ghostfolio', harta: 'Harta' } satisfies Record<ImportFormat, string>,
  about: {
    csv: 'A table with one line for each entry and the names of the columns on top.',
    ghostfolio: 'The JSON file of Ghostfolio’s own export.',
    harta: 'A JSON file that this page has exported.',
  } satisfies Record<ImportFormat, string>,
  file: 'File',
  noFile: 'Choose a file.',
  read: 'Read the file',
  preview: 'What will be written',
  kinds: {
    assets: 'Assets',
    activities: 'Activities',
    incomes: 'Incomes',
    expenses: 'Expenses',
    categories: 'Categories',
    budgets: 'Budgets',
    recurring: 'Recurring rules',
    goals: 'Goals',
    contributions: 'Contributions',
    prices: 'Prices',
  } as Readonly<Record<string, string>>,
  rows: 'rows',
  row: 'Row',
  problems: 'Rows that cannot be taken over',
  duplicates: 'Rows that are here already and are passed over',
  nothingToDo: 'There is nothing in it to write.',
  confirm: 'Write it down',
  discard: 'Do not',
  states: {
    previewed: 'Not written yet',
    running: 'Being written',
    done: 'Written',
    failed: 'Failed',
  } satisfies Record<Import['state'], string>,
  progress: 'rows are written',
  past: 'Earlier files',
  noPast: 'Nothing yet: files that you take over are listed here.',
  export: 'Take everything with you',
  exportNote: 'One JSON file with all that you own, earned, spent and saved. Harta can read it again.',
  download: 'Download my data',
}

export type DataWords = typeof en

const id: DataWords = {
  title: 'Impor & ekspor',
  import: 'Ambil alih berkas',
  importNote: 'Mula-mula hanya dibaca: Anda melihat isinya sebelum ada yang ditulis.',
  format: 'Apa isi berkasnya?',
  formats: { csv: 'CSV', ghostfolio: 'Ghostfolio', harta: 'Harta' },
  about: {
    csv: 'Tabel dengan satu baris per catatan dan nama kolom di baris pertama.',
    ghostfolio: 'Berkas JSON hasil ekspor Ghostfolio sendiri.',
    harta: 'Berkas JSON yang diekspor dari halaman ini.',
  },
  file: 'Berkas',
  noFile: 'Pilih berkas.',
  read: 'Baca berkas',
  preview: 'Yang akan ditulis',
  kinds: {
    assets: 'Aset',
    activities: 'Aktivitas',
    incomes: 'Pemasukan',
    expenses: 'Pengeluaran',
    categories: 'Kategori',
    budgets: 'Anggaran',
    recurring: 'Aturan berulang',
    goals: 'Target',
    contributions: 'Setoran',
    prices: 'Harga',
  },
  rows: 'baris',
  row: 'Baris',
  problems: 'Baris yang tidak dapat diambil alih',
  duplicates: 'Baris yang sudah ada dan dilewati',
  nothingToDo: 'Tidak ada yang perlu ditulis.',
  confirm: 'Tulis',
  discard: 'Jangan',
  states: { previewed: 'Belum ditulis', running: 'Sedang ditulis', done: 'Tertulis', failed: 'Gagal' },
  progress: 'baris tertulis',
  past: 'Berkas sebelumnya',
  noPast: 'Belum ada: berkas yang Anda ambil alih tercatat di sini.',
  export: 'Bawa semua data Anda',
  exportNote:
    'Satu berkas JSON berisi semua yang Anda miliki, terima, belanjakan, dan tabung. Harta dapat membacanya lagi.',
  download: 'Unduh data saya',
}

export const dataWords: Readonly<Record<Language, DataWords>> = { en, id }
