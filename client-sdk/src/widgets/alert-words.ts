import type { Alert, GoalEvent } from '../../../src/protocol/alerts.js'

type State = Alert['state'] | 'snoozed'
type Way = 'up' | 'down' | 'either'

/** What `<harta-alerts>` says; sentences are without their ends. */
export interface AlertWords {
  readonly title: string
  readonly loading: string
  readonly nothing: string
  readonly unseen: (count: number) => string
  readonly markSeen: string
  readonly last: string
  readonly netWorth: string
  readonly gone: string
  readonly oneHolding: string
  readonly above: (what: string, mark: string) => string
  readonly below: (what: string, mark: string) => string
  readonly crosses: (what: string, mark: string) => string
  readonly moves: (what: string, percent: string, way: Way) => string
  readonly within: (span: string) => string
  readonly inADay: string
  readonly newHigh: string
  readonly share: (what: string, percent: string) => string
  readonly goal: (name: string, events: string) => string
  readonly budget: (name: string, percents: string) => string
  readonly goalEvents: Readonly<Record<GoalEvent, string>>
  readonly states: Readonly<Record<State, string>>
  readonly already: string
  readonly fired: string
  readonly until: string
  readonly pause: string
  readonly resume: string
  readonly again: string
  readonly remove: string
  readonly sure: string
  /** For a button whose alert is not beside it for everybody. */
  readonly of: (act: string, sentence: string) => string
}

const ways: Readonly<Record<Way, string>> = { up: 'rises', down: 'falls', either: 'moves' }

export const english: AlertWords = {
  title: 'Alerts',
  loading: 'Looking for your alerts',
  nothing: 'No alerts yet',
  unseen: (count) => `${count} new`,
  markSeen: 'mark all as seen',
  last: 'Last',
  netWorth: 'Net worth',
  gone: 'deleted meanwhile',
  oneHolding: 'One holding',
  above: (what, mark) => `${what} rises above ${mark}`,
  below: (what, mark) => `${what} falls below ${mark}`,
  crosses: (what, mark) => `${what} crosses ${mark}`,
  moves: (what, percent, way) => `${what} ${ways[way]} by ${percent}`,
  within: (span) => `within ${span}`,
  inADay: 'in a day',
  newHigh: 'Net worth sets a new high',
  share: (what, percent) => `${what} is more than ${percent} of everything`,
  goal: (name, events) => `Goal ${name}: ${events}`,
  budget: (name, percents) => `Budget ${name}: ${percents} spent`,
  goalEvents: {
    milestone: 'milestones',
    reached: 'reached',
    fellBack: 'fallen back',
    behindPace: 'behind its pace',
  },
  states: { armed: 'watching', fired: 'fired', paused: 'paused', expired: 'expired', snoozed: 'snoozed' },
  already: 'holds already',
  fired: 'fired',
  until: 'until',
  pause: 'Pause',
  resume: 'Resume',
  again: 'Watch again',
  remove: 'Delete',
  sure: 'Really?',
  of: (act, sentence) => `${act}: ${sentence}`,
}

const arah: Readonly<Record<Way, string>> = { up: 'naik', down: 'turun', either: 'bergerak' }

export const indonesian: AlertWords = {
  title: 'Peringatan',
  loading: 'Mencari peringatan Anda',
  nothing: 'Belum ada peringatan',
  unseen: (count) => `${count} baru`,
  markSeen: 'tandai semua sudah dilihat',
  last: 'Terakhir',
  netWorth: 'Kekayaan bersih',
  gone: 'sudah dihapus',
  oneHolding: 'Salah satu aset',
  above: (what, mark) => `${what} naik di atas ${mark}`,
  below: (what, mark) => `${what} turun di bawah ${mark}`,
  crosses: (what, mark) => `${what} melintasi ${mark}`,
  moves: (what, percent, way) => `${what} ${arah[way]} ${percent}`,
  within: (span) => `dalam ${span}`,
  inADay: 'dalam sehari',
  newHigh: 'Kekayaan bersih mencetak rekor baru',
  share: (what, percent) => `${what} lebih dari ${percent} dari seluruhnya`,
  goal: (name, events) => `Target ${name}: ${events}`,
  budget: (name, percents) => `Anggaran ${name}: ${percents} terpakai`,
  goalEvents: {
    milestone: 'tonggak',
    reached: 'tercapai',
    fellBack: 'turun kembali',
    behindPace: 'tertinggal dari rencana',
  },
  states: {
    armed: 'memantau',
    fired: 'berbunyi',
    paused: 'dijeda',
    expired: 'berakhir',
    snoozed: 'ditunda',
  },
  already: 'sudah berlaku',
  fired: 'berbunyi',
  until: 'sampai',
  pause: 'Jeda',
  resume: 'Lanjutkan',
  again: 'Pantau lagi',
  remove: 'Hapus',
  sure: 'Yakin?',
  of: (act, sentence) => `${act}: ${sentence}`,
}
