import type { ExchangeAnswers } from './exchange-process.js'
import type { Memory } from './harness/answers.js'
import { Child } from './harness/child.js'
import type { Bench, Figure } from './harness/figure.js'
import { SECRET, sleep, temporaryFolder, tokensOf } from './harness/house.js'
import { allSymbols } from './harness/population.js'
import type { PeerAnswers } from './peer-process.js'
import type { SeedAnswers } from './seed-process.js'
import type { SwarmAnswers } from './swarm-process.js'
import type { WebAnswers } from './web-process.js'

const USERS = 2_000
const WARM_UP = 100

/** What a connected user with ten holdings costs the process, beside a socket that a bare Socket.IO server holds. */
export async function memory(bench: Bench): Promise<readonly Figure[]> {
  const own = await measureHarta(bench)
  const peer = await measurePeer(bench)
  return [
    {
      name: 'memory: resident, a connected user',
      figure: own.rss,
      unit: 'KiB',
      floor: { name: 'bare Socket.IO socket', figure: peer.rss },
      goal: { of: 'figure', atMost: 40 },
      note: `of 2,000 users with ten holdings, the embedded database's growth in it (outside of the heap: ${own.external.toFixed(1)} KiB)`,
    },
    {
      name: 'memory: heap in use, a connected user',
      figure: own.heapUsed,
      unit: 'KiB',
      floor: { name: 'bare Socket.IO socket', figure: peer.heapUsed },
      goal: null,
    },
  ]
}

async function measureHarta(bench: Bench): Promise<Memory> {
  const folder = temporaryFolder()
  const seeder = new Child<SeedAnswers>('seed-process')
  const exchange = new Child<ExchangeAnswers>('exchange-process')
  const web = new Child<WebAnswers>('web-process', { execArgv: ['--expose-gc'] })
  const swarm = new Child<SwarmAnswers>('swarm-process')
  try {
    bench.progress('writing users and holdings')
    await seeder.ask('seed', `${folder.path}/database`, USERS)
    await seeder.stop()
    const url = await web.ask('open', 'all', {
      DATA_DIR: folder.path,
      JWT_SECRET: SECRET,
      FEEDS: 'coinbase',
      FEED_COINBASE_URL: await exchange.ask('open', 'coinbase', allSymbols()),
      SOURCES: 'none',
    })
    const connect = async (tokens: readonly string[]) => swarm.ask('connect', url, 'socket.io', tokens)
    bench.progress(`connecting ${USERS} users`)
    return await grown(web, connect, () => swarm.ask('close'))
  } finally {
    await swarm.stop()
    await web.stop()
    await exchange.stop()
    await seeder.stop()
    folder.remove()
  }
}

async function measurePeer(bench: Bench): Promise<Memory> {
  const peer = new Child<PeerAnswers>('peer-process', { execArgv: ['--expose-gc'] })
  const swarm = new Child<SwarmAnswers>('swarm-process')
  try {
    bench.progress('measuring bare Socket.IO')
    const url = await peer.ask('openSocketIo', '{}')
    const connect = async (tokens: readonly string[]) =>
      swarm.ask(
        'connect',
        url,
        'socket.io',
        tokens.map(() => null),
      )
    return await grown(peer, connect, () => swarm.ask('close'))
  } finally {
    await swarm.stop()
    await peer.stop()
  }
}

/** What the process grew by for each user, in KiB, once a few had come and gone before. */
async function grown(
  server: { ask(name: 'memory'): Promise<Memory> },
  connect: (tokens: readonly string[]) => Promise<void>,
  close: () => Promise<void>,
): Promise<Memory> {
  const tokens = tokensOf(USERS)
  await connect(tokens.slice(0, WARM_UP))
  await close()
  await sleep(1_000)
  const before = await server.ask('memory')
  await connect(tokens)
  await sleep(2_000)
  const after = await server.ask('memory')
  const each = (kind: keyof Memory) => (after[kind] - before[kind]) / USERS / 1024
  return { rss: each('rss'), heapUsed: each('heapUsed'), external: each('external') }
}
