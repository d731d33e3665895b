import type { Tx } from '../database/database.js'
import type { Instrument as Row } from '../generated/prisma/client.js'
import type { Listing } from './listing.js'
import { parsePair } from './symbol.js'

export interface Instrument {
  readonly id: string
  readonly symbol: string
  readonly kind: string
  readonly name: string
  readonly currency: string
  readonly mic: string | null
}

export const instrumentStore = {
  async find(tx: Tx, symbol: string): Promise<Instrument | null> {
    const row = await tx.instrument.findFirst({ where: { symbol, ...VISIBLE } })
    return row && toInstrument(row)
  },

  /** The instrument of this listing, made when it is the first time that somebody names it. */
  async ensure(tx: Tx, listing: Listing): Promise<Instrument> {
    await tx.instrument.createMany({ data: [{ ...listing }], skipDuplicates: true })
    return toInstrument(await tx.instrument.findUniqueOrThrow({ where: { symbol: listing.symbol } }))
  },

  /** Makes the pairs of currencies (`USDT-USD`) that are not known yet. */
  async ensurePairs(tx: Tx, symbols: readonly string[]): Promise<void> {
    const data = symbols.flatMap((symbol) => {
      const pair = parsePair(symbol)
      return pair ? [{ symbol, kind: 'CURRENCY', name: pair.base, currency: pair.quote }] : []
    })
    if (data.length > 0) await tx.instrument.createMany({ data, skipDuplicates: true })
  },

  /** Instruments whose symbol or name begins with the text, by symbol. */
  async search(tx: Tx, text: string, limit: number): Promise<readonly Instrument[]> {
    // What comes in is a text, not a pattern.
    const begins = { startsWith: text.replace(/[\\%_]/g, '\\$&'), mode: 'insensitive' as const }
    const rows = await tx.instrument.findMany({
      where: { AND: [{ OR: [{ symbol: begins }, { name: begins }] }, VISIBLE] },
      orderBy: { symbol: 'asc' },
      take: limit,
    })
    return rows.map(toInstrument)
  },
}

/**
 * What a user may look up: what a market has priced, and what is the user's own. Anything else would tell what
 * somebody else owns; of the assets, row level security shows the user's alone.
 */
const VISIBLE = { OR: [{ candles: { some: {} } }, { assets: { some: {} } }] }

function toInstrument({ id, symbol, kind, name, currency, mic }: Row): Instrument {
  return { id, symbol, kind, name, currency, mic }
}
