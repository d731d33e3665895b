import type { Database, Tx } from '../database/database.js'
import { type LoadedPortfolioAlert, type Owner, portfolioStore } from './portfolio-store.js'

/** Where what is read goes. */
export interface Following {
  /** Of one user each; `isAnew`: whatever was thought of this alert counts no more. */
  readonly alert: (alert: LoadedPortfolioAlert, owner: Owner, isAnew: boolean) => void
  readonly removed: (alertId: string) => void
  /** Somebody has goals that the market moves, or has changed them. */
  readonly saver: (owner: Owner) => void
  /** A user has changed, or what he holds. */
  readonly owner: (owner: Owner) => void
}

/**
 * Keeps up with users, their alerts on portfolios and their goals: reads all of them page by page, and from then on
 * what was written since, by the transactions that wrote it. What is read once more does no harm.
 */
export class PortfolioFollow {
  readonly #db: Database
  readonly #mine: (userId: string) => boolean
  readonly #to: Following
  /** Alerts of which something was refused. */
  readonly #again = new Set<string>()
  #watermark = 0n
  #isPartial = true

  constructor(options: { db: Database; mine: (userId: string) => boolean; to: Following }) {
    this.#db = options.db
    this.#mine = options.mine
    this.#to = options.to
  }

  /** Begins anew with the next look: other users are ours. */
  begin(): void {
    this.#isPartial = true
  }

  again(alertId: string): void {
    this.#again.add(alertId)
  }

  /** Whether what is thought of this alert does not count. */
  isDoubtful(alertId: string): boolean {
    return this.#again.has(alertId)
  }

  async look(): Promise<void> {
    if (this.#isPartial) await this.#readAll()
    await this.#follow()
  }

  async #readAll(): Promise<void> {
    this.#isPartial = false
    try {
      // Before the first page: what is written while the pages are read is followed afterwards.
      const watermark = await this.#db.asSystem((tx) => portfolioStore.watermark(tx))
      await this.#pages(async (tx, after) => {
        const alerts = await portfolioStore.page(tx, after, PAGE)
        const own = alerts.filter(({ userId }) => this.#mine(userId))
        const owners = await ownersOf(tx, own)
        return { tell: () => this.#tell(owners, own), last: lastOf(alerts.map(({ id }) => id)) }
      })
      await this.#pages(async (tx, after) => {
        const savers = await portfolioStore.savers(tx, after, PAGE)
        const owners = await portfolioStore.owners(tx, savers.filter(this.#mine))
        return { tell: () => owners.forEach(this.#to.saver), last: lastOf(savers) }
      })
      this.#watermark = watermark
    } catch (error) {
      this.#isPartial = true
      throw error
    }
  }

  /** Pages until one is not full, each in a transaction of its own. */
  async #pages(read: (tx: Tx, after: string) => Promise<{ tell: () => void; last: string | null }>) {
    for (let after: string | null = FIRST; after !== null; ) {
      const from: string = after
      const { tell, last } = await this.#db.asSystem((tx) => read(tx, from))
      tell()
      after = last
    }
  }

  async #follow(): Promise<void> {
    const again = [...this.#again]
    const found = await this.#db.asSystem(async (tx) => {
      const changes = await portfolioStore.changes(tx, this.#watermark)
      const anew = again.length === 0 ? [] : await portfolioStore.byIds(tx, again)
      const own = [...changes.alerts, ...anew].filter(({ userId }) => this.#mine(userId))
      const savers = await portfolioStore.owners(tx, changes.savers.filter(this.#mine))
      return {
        changes,
        anew: new Set(anew.map(({ id }) => id)),
        own,
        savers,
        owners: await ownersOf(tx, own),
      }
    })
    const { changes, anew, own, savers, owners } = found
    for (const id of [...changes.removed, ...again.filter((id) => !anew.has(id))]) this.#to.removed(id)
    changes.owners.forEach(this.#to.owner)
    this.#tell(owners, own, anew)
    savers.forEach(this.#to.saver)
    for (const id of again) this.#again.delete(id)
    this.#watermark = changes.watermark
  }

  #tell(
    owners: ReadonlyMap<string, Owner>,
    alerts: readonly LoadedPortfolioAlert[],
    anew: ReadonlySet<string> = new Set(),
  ): void {
    for (const alert of alerts) {
      const owner = owners.get(alert.userId)
      if (owner) this.#to.alert(alert, owner, anew.has(alert.id))
    }
  }
}

const PAGE = 1_000
/** Before the first id. */
const FIRST = '00000000-0000-0000-0000-000000000000'

async function ownersOf(
  tx: Tx,
  alerts: readonly LoadedPortfolioAlert[],
): Promise<ReadonlyMap<string, Owner>> {
  const ids = new Set(alerts.map(({ userId }) => userId))
  const owners = ids.size === 0 ? [] : await portfolioStore.owners(tx, [...ids])
  return new Map(owners.map((owner) => [owner.userId, owner]))
}

function lastOf(page: readonly string[]): string | null {
  return page.length < PAGE ? null : (page.at(-1) ?? null)
}
