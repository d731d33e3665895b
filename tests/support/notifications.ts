import type { Database } from '../../src/database/database.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { News, Told } from '../../src/notifications/news.js'

const announce = createAnnounce({ emailConfigured: false })
let told = 0

type More = Partial<Pick<News, 'kind' | 'data'>> & { readonly title?: string }

/** Writes a notification of this user and publishes nothing. */
export async function announced(db: Database, userId: string, more: More = {}): Promise<Told> {
  const [one] = await announcedAll(db, userId, 1, more)
  if (!one) throw new Error('it was there before')
  return one
}

/** Writes so many, oldest first. */
export function announcedAll(
  db: Database,
  userId: string,
  count: number,
  { kind = 'alert:fired', data = {}, title }: More = {},
): Promise<readonly Told[]> {
  const news = Array.from({ length: count }, (): News => {
    told += 1
    const words = { title: title ?? `Told ${told}`, body: 'BTC-USD is above 70,000.' }
    return { userId, kind, key: `test ${told}`, words: () => words, data, channels: [], at: Date.now() }
  })
  return db.asSystem((tx) => announce(tx, news))
}
