/**
 * A worker on the Redis at its first argument, named by its second, that hears a price of each symbol in turn: the
 * time itself. It tells its parent how many slots it holds. Once it goes on after it was stopped, it writes what it
 * would have written before, as the holder that it was then, and tells what was refused.
 */
import { createLog } from '../../src/lib/log.js'
import { startPriceWorker } from './price-worker.js'

const [url = '', member = ''] = process.argv.slice(2)
const symbols = Array.from({ length: 200 }, (_, index) => `C${index}-USD`)
const tell = (): void => void process.send?.({ held: worker.slots.held().size })
const worker = await startPriceWorker({ url, member, log: createLog('silent'), changed: () => tell() })
tell()

let turn = 0
let holder: string | null = null
setInterval(() => {
  for (let count = 0; count < 10; count += 1) {
    turn += 1
    worker.hear(symbols[turn % symbols.length] ?? '', String(Date.now()))
  }
  holder = worker.slots.holder() ?? holder
}, 20)

process.on('SIGCONT', () => {
  const former = holder ?? ''
  const late = symbols.map((symbol) => ({
    symbol,
    source: member,
    price: '1',
    at: 0,
    order: null,
    currency: 'USD',
    state: 'live' as const,
    freshUntil: 0,
    version: Number.MAX_SAFE_INTEGER,
  }))
  const write = (): void => {
    worker.wire.write(late, former).then(({ refused }) => process.send?.({ refused: refused.length }), write)
  }
  write()
})
process.on('disconnect', () => process.exit())
