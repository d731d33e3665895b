import type { ExchangeAnswers } from './exchange-process.js'
import { Child } from './harness/child.js'
import { delaysOf, type Seen, type Sent } from './harness/delays.js'
import { type Bench, type Figure, percentile } from './harness/figure.js'
import { SECRET, sleep, temporaryFolder, tokensOf } from './harness/house.js'
import { allSymbols } from './harness/population.js'
import type { SdkAnswers } from './sdk-process.js'
import type { SeedAnswers } from './seed-process.js'
import type { SwarmAnswers } from './swarm-process.js'
import type { WebAnswers } from './web-process.js'

const USERS = 1_000
const CLIENTS = 20
const TICKS_PER_SECOND = 200
const WINDOW_MS = 250
const STEADY_MS = 15_000
const LAST_MS = 2_000

/**
 * From the exchange's frame to the callback of the product's own browser client, everything in one process: feed,
 * board, valuation, socket. A price that a newer one overtook counts until the newer one was shown.
 */
export async function latency(bench: Bench): Promise<readonly Figure[]> {
  const folder = temporaryFolder()
  const seeder = new Child<SeedAnswers>('seed-process')
  const exchange = new Child<ExchangeAnswers>('exchange-process')
  const web = new Child<WebAnswers>('web-process')
  const swarm = new Child<SwarmAnswers>('swarm-process')
  const sdk = new Child<SdkAnswers>('sdk-process')
  try {
    bench.progress('writing users and holdings')
    await seeder.ask('seed', `${folder.path}/database`, USERS)
    await seeder.stop()
    const exchangeUrl = await exchange.ask('open', 'coinbase', allSymbols())
    const url = await web.ask('open', 'all', {
      DATA_DIR: folder.path,
      JWT_SECRET: SECRET,
      PUSH_WINDOW_MS: String(WINDOW_MS),
      FEEDS: 'coinbase',
      FEED_COINBASE_URL: exchangeUrl,
      SOURCES: 'none',
    })
    bench.progress(`connecting ${USERS} users`)
    await swarm.ask('connect', url, 'socket.io', tokensOf(USERS))
    bench.progress(`signing up ${CLIENTS} users of the SDK`)
    await sdk.ask('watch', url, CLIENTS)
    await sdk.ask('listen', exchangeUrl)
    while ((await exchange.ask('subscribed')) < allSymbols().length) await sleep(100)
    bench.progress('measuring')
    await exchange.ask('run', TICKS_PER_SECOND)
    await sleep(LAST_MS)
    await exchange.ask('takeSent')
    await sdk.ask('takeSeen')
    await sleep(STEADY_MS)
    const sent = await exchange.ask('takeSent')
    await sleep(LAST_MS)
    return figures(sent, await sdk.ask('takeSeen'))
  } finally {
    await sdk.stop()
    await swarm.stop()
    await web.stop()
    await exchange.stop()
    await seeder.stop()
    folder.remove()
  }
}

function figures(
  sent: readonly Sent[],
  { clients, raw }: { clients: readonly (readonly Seen[])[]; raw: readonly Seen[] },
): readonly Figure[] {
  const shown = clients.flatMap((seen) => delays(sent, seen))
  const floor = delays(sent, raw)
  const lines = ([0.5, 0.99] as const).map((part): Figure => {
    const name = `p${part * 100}`
    return {
      name: `latency: frame to SDK callback, ${name}`,
      figure: percentile(shown, part),
      unit: 'ms',
      floor: { name: `bare socket at the exchange, ${name}`, figure: percentile(floor, part) },
      goal: part === 0.99 ? { of: 'figure', atMost: WINDOW_MS + 50 } : null,
    }
  })
  const note = `window ${WINDOW_MS} ms, ${USERS + CLIENTS} users, ${TICKS_PER_SECOND} ticks/s, ${shown.length} samples`
  return lines.map((line, index) => (index === 0 ? { ...line, note } : line))
}

/** Of the symbols that were watched. */
function delays(sent: readonly Sent[], seen: readonly Seen[]): readonly number[] {
  const watched = new Set(seen.map(({ symbol }) => symbol))
  return delaysOf(
    sent.filter(({ symbol }) => watched.has(symbol)),
    seen,
  ).map((delay) => {
    if (delay === null) throw new Error('a price was never shown')
    return delay
  })
}
