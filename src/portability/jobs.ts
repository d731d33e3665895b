import { setImmediate as turn } from 'node:timers/promises'
import { activityStore } from '../assets/activity-store.js'
import type { EnterAll } from '../assets/batch.js'
import type { Database, Tx } from '../database/database.js'
import type { Clock } from '../lib/clock.js'
import { AppError } from '../lib/errors.js'
import type { Log } from '../lib/log.js'
import type { Import, ImportProgress } from '../protocol/imports.js'
import { BATCH, unpack } from './pack.js'
import { MOST_PROBLEMS, type Step, weightOf } from './plan.js'
import { importStore, type Job } from './store.js'
import { type Refusal, told, writeSteps } from './write.js'

export interface ImportJobsOptions {
  readonly db: Database
  readonly clock: Clock
  readonly enterAll: EnterAll
  /** Called after entries of a user have been committed. */
  readonly changed: (userId: string) => void
  readonly tell: (userId: string, progress: ImportProgress) => void
  readonly log: Log
}

/**
 * Imports that were confirmed are written in the background, batch by batch, by whichever process claims them
 * first. A batch and how far the import is by it are one transaction, which holds only as long as the claim does:
 *
 *     running, claim over  --claim-->  running, claimed  --batch-->  running, claimed anew  --...-->  done | failed
 *
 * So a process that dies, at any moment, loses nothing and has nothing done twice: its claim ends, and another one
 * goes on behind the last batch.
 */
export class ImportJobs {
  readonly #options: ImportJobsOptions
  readonly #running = new Set<Promise<void>>()
  #looking: Promise<void> | null = null
  #again = false
  #stopped = false
  #cancel = (): void => {}

  constructor(options: ImportJobsOptions) {
    this.#options = options
  }

  start(): this {
    this.#cancel = this.#options.clock.every(LOOK_MS, () => this.wake())
    this.wake()
    return this
  }

  /** Lets the batches that are under way end; whoever is next goes on behind them. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel()
    await this.#looking
    await Promise.all(this.#running)
  }

  /** Looks for imports that wait. */
  wake(): void {
    this.#again = true
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null
    })
  }

  async #look(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false
      if (this.#running.size >= MOST_AT_ONCE) return
      const job = await this.#claim()
      if (job === null) continue
      this.#again = true
      const work: Promise<void> = this.#run(job).finally(() => {
        this.#running.delete(work)
        this.wake()
      })
      this.#running.add(work)
    }
  }

  async #claim(): Promise<Job | null> {
    const { db, clock, log } = this.#options
    const now = clock.now()
    try {
      return await db.asSystem((tx) => importStore.claim(tx, now, now + CLAIM_MS))
    } catch (error) {
      log.warn({ err: error }, 'imports could not be looked for')
      return null
    }
  }

  async #run(job: Job): Promise<void> {
    const { changed, log } = this.#options
    try {
      let at: Job | null = job
      while (at !== null && !this.#stopped) {
        at = await this.writeBatch(at)
        await turn()
      }
      // Its claim ends now, so that nobody has to wait for it.
      if (at !== null) await this.#advance(at, { ...at, claimedUntil: this.#options.clock.now() })
    } catch (error) {
      if (error instanceof ClaimLost) return
      log.warn({ err: error, importId: job.id }, 'an import could not be written')
    } finally {
      changed(job.userId)
    }
  }

  /** Writes what comes next of an import; gives it as it stands then, null when it is over. */
  async writeBatch(job: Job): Promise<Job | null> {
    const { db } = this.#options
    if (job.report.attempts > MOST_ATTEMPTS) return this.#end(job, 'failed', 'It could not be written.')
    const begun = job.report.first === null ? await this.#reserve(job) : job
    const chunk = await db.asUser(begun.userId, (tx) => importStore.nextChunk(tx, begun))
    const steps = chunk === null ? [] : (await unpack(chunk)).slice(begun.report.next % BATCH)
    return steps.length === 0 ? this.#end(begun, 'done', null) : this.#writeAll(begun, steps)
  }

  async #reserve(job: Job): Promise<Job> {
    const { db } = this.#options
    return db.asUser(job.userId, async (tx) => {
      const first = await activityStore.reserve(tx, Math.max(1, job.report.places))
      return this.#advanceIn(tx, job, { ...job, report: { ...job.report, first: String(first) } })
    })
  }

  /** All of them at once; where they cannot be counted together, one half after the other. */
  async #writeAll(job: Job, steps: readonly Step[]): Promise<Job | null> {
    try {
      const after = await this.#write(job, steps)
      this.#tell(after, 'running')
      return after
    } catch (error) {
      if (!(error instanceof AppError) || error.fault !== 'invalid') throw error
      const [only] = steps
      if (only && steps.length === 1) {
        const [field, detail] = told(error)
        return this.#passOver(job, { step: only, field, detail })
      }
      const middle = Math.ceil(steps.length / 2)
      const between = await this.#writeAll(job, steps.slice(0, middle))
      return between && this.#writeAll(between, steps.slice(middle))
    }
  }

  #write(job: Job, steps: readonly Step[]): Promise<Job> {
    const { db, clock, enterAll } = this.#options
    return db.asUser(job.userId, async (tx) => {
      const first = BigInt(job.report.first ?? '0')
      const refusals = await writeSteps(tx, job.userId, steps, { enterAll, now: clock.now(), first })
      const [refusal] = refusals
      if (refusal && job.report.stopOnProblem)
        throw new AppError('invalid', 'row-refused', refusal.detail, {
          errors: [{ pointer: `/${refusal.field ?? ''}`, detail: refusal.detail }],
        })
      return this.#advanceIn(tx, job, behind(job, steps, refusals, clock.now()))
    })
  }

  async #passOver(job: Job, refusal: Refusal): Promise<Job | null> {
    const after = behind(job, [refusal.step], [refusal], this.#options.clock.now())
    if (!job.report.stopOnProblem) return this.#advance(job, after)
    const { row } = refusal.step
    return this.#end(job, 'failed', `Row ${row}: ${refusal.field ?? ''} ${refusal.detail}`, after.report)
  }

  async #end(
    job: Job,
    state: 'done' | 'failed',
    error: string | null,
    report: Job['report'] = job.report,
  ): Promise<null> {
    await this.#options.db.asUser(job.userId, (tx) =>
      this.#advanceIn(tx, job, { ...job, report }, state, error),
    )
    this.#tell(job, state)
    return null
  }

  #advance(job: Job, after: Job): Promise<Job> {
    return this.#options.db.asUser(job.userId, (tx) => this.#advanceIn(tx, job, after))
  }

  async #advanceIn(
    tx: Tx,
    job: Job,
    after: Job,
    state: Import['state'] = 'running',
    error: string | null = null,
  ): Promise<Job> {
    if (!(await importStore.advance(tx, job, { ...after, state, error }))) throw new ClaimLost()
    return after
  }

  #tell({ id, userId, done, total }: Job, state: Import['state']): void {
    this.#options.tell(userId, { id, state, done, total })
  }
}

/** Another process has taken the import over. */
class ClaimLost extends Error {}

const LOOK_MS = 5_000
const CLAIM_MS = 60_000
const MOST_AT_ONCE = 3
/** What fails so often, between two batches, will not succeed. */
const MOST_ATTEMPTS = 5

/** The import with these steps behind it. */
function behind(job: Job, steps: readonly Step[], refusals: readonly Refusal[], now: number): Job {
  const { report } = job
  const weight = (some: readonly Step[]) => some.reduce((sum, step) => sum + weightOf(step), 0)
  const refused = weight(refusals.map(({ step }) => step))
  const problems = refusals.map(({ step, field, detail }) => ({ row: step.row, field, detail }))
  return {
    ...job,
    claimedUntil: Math.max(now + CLAIM_MS, job.claimedUntil + 1),
    total: job.total - refused,
    done: job.done + weight(steps) - refused,
    report: {
      ...report,
      next: report.next + steps.length,
      problems: [...report.problems, ...problems].slice(0, MOST_PROBLEMS),
      attempts: 0,
    },
  }
}
