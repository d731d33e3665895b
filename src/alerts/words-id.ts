import type { Language } from './words.js'

export const indonesian: Language = {
  tag: 'id',
  portfolio: 'Portofolio',
  today: 'hari ini',
  someHolding: 'Salah satu aset',
  rose: (what, value) => `${what} naik ke ${value}`,
  fell: (what, value) => `${what} turun ke ${value}`,
  mark: (threshold, from) =>
    from === null
      ? `Batas Anda ${threshold} telah tercapai.`
      : `Dari ${from}, kini mencapai batas Anda ${threshold}.`,
  moved: (what, isUp, percent, span) => `${what} ${isUp ? 'naik' : 'turun'} ${percent} ${span}`,
  movedBody: (from, value, percent) =>
    `${from === null ? `Sekarang ${value}.` : `Bergerak dari ${from} ke ${value}.`} Anda meminta kabar untuk pergerakan ${percent}.`,
  minutes: (count) => `dalam ${count % 60 === 0 && count > 0 ? `${count / 60} jam` : `${count} menit`}`,
  dayBody: (from, value, percent) =>
    `${from === null ? `Nilainya ${value}.` : `Awal hari ${from}, sekarang ${value}.`} Anda meminta kabar untuk perubahan harian ${percent}.`,
  high: (value) => `Rekor baru portofolio: ${value}`,
  highBody: (from) =>
    from === null
      ? 'Nilainya belum pernah setinggi ini.'
      : `Nilainya belum pernah setinggi ini; rekor sebelumnya ${from}.`,
  share: (holding, share) => `${holding} kini ${share} dari portofolio`,
  shareBody: (percent, total) =>
    `Anda meminta kabar bila porsinya lebih dari ${percent}. Nilai seluruhnya ${total}.`,
  goal: {
    milestone: (name, percent) => ({
      title: `${name}: ${percent} tercapai`,
      body: `Tabungan Anda sudah mencapai ${percent} dari target ini.`,
    }),
    reached: (name) => ({
      title: `${name}: target tercapai`,
      body: 'Tabungan Anda sudah mencapai seluruh target ini.',
    }),
    fellBack: (name) => ({
      title: `${name}: kembali di bawah target`,
      body: 'Target ini pernah tercapai, kini tabungan Anda turun di bawah 95% darinya.',
    }),
    behindPace: (name) => ({
      title: `${name}: tertinggal dari rencana`,
      body: 'Tabungan untuk target ini kurang dari yang dibutuhkan hingga tenggatnya.',
    }),
  },
  pace: (projected, deadline) =>
    (projected === null
      ? 'Dengan laju ini belum terlihat kapan tercapai'
      : `Dengan laju ini tercapai pada ${projected}`) +
    (deadline === null ? '.' : `; tenggatnya ${deadline}.`),
  saving: (actual, required) => `Anda menyisihkan ${actual} per bulan, yang dibutuhkan ${required}.`,
  budget: (category, percent, isSpent) =>
    isSpent ? `${category}: anggaran habis` : `${category}: ${percent} anggaran terpakai`,
  budgetBody: (spent, amount, month) => `Anda telah membelanjakan ${spent} dari ${amount} pada ${month}.`,
  waiting: (names, more) => ({
    title: 'Peringatan portofolio menunggu',
    body:
      `Sudah sehari tidak ada harga atau kurs baru untuk ${listed(names, more)}. ` +
      'Peringatan atas portofolio Anda diam sampai ada. Isi sendiri harganya, atau tutup asetnya.',
  }),
}

function listed(names: readonly string[], more: number): string {
  const all = more === 0 ? names : [...names, `${more} lainnya`]
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} dan ${all.at(-1)}`
}
