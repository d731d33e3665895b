import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import type { CsvKind } from '../protocol/resources.js'
import { csvHead, csvPage } from './csv-export.js'
import { holdStill, PAGE, profileText, SECTIONS, settingsText } from './export-store.js'

/** A file that goes out, in pieces. */
export type Pieces = readonly string[]

/**
 * Everything that a user owns, but what he signs in with and where he is told (devices, webhooks and their secrets,
 * which are of the other server), as one JSON document that an account without entries can take over; and single kinds of entries as CSV. Read page by page in one transaction, of one state, and handed
 * out only when that has ended: a slow reader holds nobody up. Between two pages others have their turn, as the
 * embedded database works in this very thread.
 */
export function exports({ db, clock }: { readonly db: Database; readonly clock: Clock }) {
  return {
    json: (userId: string): Promise<Pieces> =>
      db.asUser(userId, async (tx) => {
        await holdStill(tx, userId)
        const head = { format: 'harta', version: 1, exportedAt: new Date(clock.now()).toISOString() }
        const pieces = [
          `${JSON.stringify(head).slice(0, -1)},"profile":${await profileText(tx, userId)}`,
          `,"notificationSettings":${await settingsText(tx, userId)}`,
        ]
        for (const [name, read] of Object.entries(SECTIONS)) {
          pieces.push(`,"${name}":[`)
          for (let offset = 0; ; offset += PAGE) {
            const items = await read(tx, userId, offset)
            if (items === '') break
            pieces.push(offset === 0 ? items : `,${items}`)
            await turn()
          }
          pieces.push(']')
        }
        return [...pieces, '}']
      }),

    csv: (userId: string, kind: CsvKind): Promise<Pieces> =>
      db.asUser(userId, async (tx) => {
        await holdStill(tx, userId)
        const pieces = [csvHead(kind)]
        for (let offset = 0; ; offset += PAGE) {
          const lines = await csvPage(tx, userId, kind, offset)
          if (lines === '') return pieces
          pieces.push(lines)
          await turn()
        }
      }),
  }
}

export type Exports = ReturnType<typeof exports>
