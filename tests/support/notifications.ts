import type { Database } from '../../src/database/database.js'
import { createAnnounce } from '../../src/notifications/announce.js'
import type { News, Told } from '../../src/notifications/news.js'

const announce = createAnnounce({ emailConfigured: false })
let told = 0

/** Writes a notification of this user and publishes nothing. */
export async function announced(
  db: Database,
  userId: string,
  more: Partial<Pick<News, 'kind' | 'data'>> & { title?: string } = {},
): Promise<Told> {
  told += 1
  const { kind = 'alert:fired', data = {}, title = `Told ${told}` } = more
  const news: News = {
    userId,
    kind,
    key: `test ${told}`,
    words: () => ({ title, body: 'BTC-USD is above 70,000.' }),
    data,
    channels: [],
    at: Date.now(),
  }
  const [one] = await db.asSystem((tx) => announce(tx, [news]))
  if (!one) throw new Error('it was there before')
  return one
}
