import type { Database } from '../database/database.js'
import type { PageAsk } from '../http/pages.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Import } from '../protocol/imports.js'
import type { Page } from '../protocol/resources.js'
import { readCsv } from './csv.js'
import { readGhostfolio } from './ghostfolio.js'
import { accountNotEmpty, readHarta } from './harta-file.js'
import type { Known, Stored } from './known.js'
import { Mistaken } from './names.js'
import { pack } from './pack.js'
import { Draft } from './plan.js'
import type { NewImport } from './schema.js'
import { stepStore } from './step-store.js'
import { importStore } from './store.js'

export interface ImportsOptions {
  readonly db: Database
  readonly clock: Clock
  /** Called after an import was confirmed: it waits to be written. */
  readonly confirmed: () => void
}

/** Files that are taken over: read at first, written once they are confirmed. */
export type Imports = ReturnType<typeof imports>
type CheckVersion = (current: { readonly id: string; readonly version: number }) => void

export function imports({ db, clock, confirmed }: ImportsOptions) {
  const storedOf = (userId: string): Stored => ({
    activities: (ids) => db.asUser(userId, (tx) => importStore.activityKeys(tx, userId, ids)),
    flows: (kind, from, to) => db.asUser(userId, (tx) => importStore.flowKeys(tx, userId, kind, from, to)),
  })

  return {
    list: (userId: string, ask: PageAsk): Promise<Page<Import>> =>
      db.asUser(userId, (tx) => importStore.list(tx, userId, ask)),

    get: async (userId: string, id: string): Promise<Import> =>
      db.asUser(userId, async (tx) => (await importStore.find(tx, userId, id)) ?? missing()),

    /** Reads the file and tells what is in it; writes down what would be done, and does nothing of it. */
    async create(userId: string, ask: NewImport): Promise<Import> {
      const known = await db.asUser(userId, (tx) => importStore.known(tx, userId, clock.now()))
      if (!known)
        throw new AppError('unauthenticated', 'unauthenticated', 'This account does not exist any more.')
      const draft = new Draft(clock.now())
      const csv = await read(ask, known, storedOf(userId), draft, clock.now())
      const { steps, counts, problems, duplicates, places, total } = draft
      const report = {
        ...{ csv, counts, problems, duplicates, places },
        ...{ next: 0, first: null, attempts: 0 },
        stopOnProblem: ask.options?.stopOnProblem ?? false,
      }
      const row = {
        format: ask.format,
        fileName: ask.fileName ?? null,
        total,
        report,
        chunks: await pack(steps),
      }
      return db.asUser(userId, (tx) => importStore.insert(tx, userId, row))
    },

    /** Throws AppError conflict `import-not-previewed`, `import-running` or `account-not-empty`. */
    async confirm(userId: string, id: string, checkVersion: CheckVersion): Promise<Import> {
      const begun = await db.asUser(userId, async (tx) => {
        // Two imports that are confirmed at once would both find that none is written.
        await stepStore.takeTurn(tx, userId)
        const found = (await importStore.lock(tx, userId, id)) ?? missing()
        checkVersion(found)
        if (found.state !== 'previewed')
          throw new AppError('conflict', 'import-not-previewed', 'This import was confirmed before.')
        if (await importStore.isRunning(tx, userId))
          throw new AppError('conflict', 'import-running', 'Another import is being written; wait for it.')
        if (found.format === 'harta' && !(await importStore.isEmpty(tx, userId))) throw accountNotEmpty()
        return importStore.confirm(tx, userId, found, clock.now())
      })
      confirmed()
      return begun
    },

    /** What was written stays. Throws AppError conflict `import-running`. */
    remove: (userId: string, id: string, checkVersion: CheckVersion): Promise<void> =>
      db.asUser(userId, async (tx) => {
        const found = (await importStore.lock(tx, userId, id)) ?? missing()
        checkVersion(found)
        if (found.state === 'running')
          throw new AppError('conflict', 'import-running', 'It is being written; wait for its end.')
        await importStore.remove(tx, userId, id)
      }),
  }
}

async function read(
  ask: NewImport,
  known: Known,
  stored: Stored,
  draft: Draft,
  now: number,
): Promise<Import['csv']> {
  if (ask.format === 'csv') return readCsv(ask, known, stored, draft)
  try {
    const file = parse(ask.content)
    if (ask.format === 'harta') await readHarta(file, known, now, draft)
    else await readGhostfolio(file, known, stored, draft)
  } catch (error) {
    if (!(error instanceof Mistaken)) throw error
    draft.refuse(1, error.field, error.message)
  }
  return null
}

function parse(content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch {
    throw new Mistaken(null, 'is not well-formed JSON')
  }
}

function missing(): never {
  throw new AppError('missing', 'not-found', 'There is no such import.')
}
