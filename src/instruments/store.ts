import type { Tx } from '../database/database.js'
import { Prisma, type Instrument as Row } from '../generated/prisma/client.js'
import { isCoin, isCurrency } from '../lib/currency.js'
import { formatFixed, parseFixed } from '../lib/decimal.js'
import type { Instrument } from '../protocol/resources.js'
import type { Listing } from './listing.js'
import { marketOf } from './markets.js'
import { type Pair, parsePair } from './symbol.js'

/** An instrument as it is stored. */
export interface StoredInstrument extends Instrument {
  readonly id: string
}

/** Where a row of a search stands: by how well it fits, then by symbol. */
export type SearchPlace = readonly [rank: number, symbol: string]

/** A pair as a venue lists it; `symbol` is the venue's own spelling. */
export interface ListedPair {
  readonly symbol: string
  readonly pair: Pair
  readonly trading: boolean
}

/** What a quote source knows of an instrument. */
export interface Facts {
  readonly source?: string
  readonly name?: string
  readonly isin?: string
  readonly instrument?: 'STOCK' | 'FUND'
  readonly currency: string
}

/** What of another program's text is kept. */
const LONGEST_VENUE_SYMBOL = 64

/** What is read by a user is read in his transaction (Database.asUser), what venues and sources tell is the system's. */
export const instrumentStore = {
  async find(tx: Tx, symbol: string): Promise<StoredInstrument | null> {
    const [row] = await tx.$queryRaw<FoundRow[]>`
      SELECT ${COLUMNS} FROM instruments WHERE symbol = ${symbol} AND ${VISIBLE}`
    return row ? toInstrument(row) : null
  },

  /**
   * What a text names: a symbol; else a coin, as it is traded against the user's currency, dollars or Tether, in
   * this order; else a share by its ISIN.
   */
  async resolve(tx: Tx, text: string, baseCurrency: string): Promise<StoredInstrument | null> {
    const pairs = [...new Set([baseCurrency, ...MAIN_QUOTES])].map((quote) => `${text}-${quote}`)
    const [row] = await tx.$queryRaw<FoundRow[]>`
      SELECT ${COLUMNS} FROM instruments
      WHERE (symbol = ${text} OR (status <> 'delisted' AND (symbol = ANY(${pairs}::text[]) OR isin = ${text})))
        AND ${VISIBLE}
      ORDER BY symbol = ${text} DESC, status = 'active' DESC, array_position(${pairs}::text[], symbol),
               currency = ${baseCurrency} DESC, symbol
      LIMIT 1`
    return row ? toInstrument(row) : null
  },

  /**
   * Instruments whose symbol, name (at the beginning of any of its words) or ISIN fits the text: the symbol
   * itself, the ISIN, the coin or share of this ticker (a coin against the user's currency, dollars and Tether
   * first), then those that begin so; what is not traded any more comes last.
   */
  async search(
    tx: Tx,
    ask: {
      readonly text: string
      readonly baseCurrency: string
      readonly limit: number
      readonly after: SearchPlace | null
    },
  ): Promise<readonly { readonly instrument: StoredInstrument; readonly place: SearchPlace }[]> {
    const name = ask.text.toUpperCase()
    // What comes in is a text, not a pattern.
    const begins = `${name.replace(/[\\%_]/g, '\\$&')}%`
    const [rank, symbol] = ask.after ?? [-1, '']
    const rows = await tx.$queryRaw<(FoundRow & { rank: number })[]>`
      SELECT ${COLUMNS}, rank FROM (
        SELECT *, CASE
          WHEN symbol = ${name} THEN 0
          WHEN isin = ${name} THEN 1
          WHEN status = 'delisted' THEN 8
          WHEN split_part(symbol, '-', 1) = ${name} OR split_part(symbol, '.', 1) = ${name}
            THEN CASE currency WHEN ${ask.baseCurrency} THEN 2 WHEN 'USD' THEN 3 WHEN 'USDT' THEN 4 ELSE 5 END
          WHEN symbol LIKE ${begins} THEN 6
          ELSE 7 END AS rank
        FROM instruments
        WHERE symbol LIKE ${begins} OR isin = ${name} OR name ILIKE ${begins} OR name ILIKE ${`% ${begins}`}
      ) AS instruments
      WHERE (rank, symbol) > (${rank}::int, ${symbol}) AND ${VISIBLE}
      ORDER BY rank, symbol LIMIT ${ask.limit}::int`
    return rows.map((row) => ({ instrument: toInstrument(row), place: [row.rank, row.symbol] }))
  },

  async baseCurrency(tx: Tx, userId: string): Promise<string> {
    const user = await tx.user.findUnique({ where: { id: userId }, select: { baseCurrency: true } })
    return user?.baseCurrency ?? 'USD'
  },

  /** The instrument of this listing, made when it is the first time that somebody names it. */
  async ensure(tx: Tx, listing: Listing): Promise<Pick<Row, 'id' | 'currency'>> {
    await tx.instrument.createMany({ data: [{ ...listing }], skipDuplicates: true })
    const select = { id: true, currency: true }
    return tx.instrument.findUniqueOrThrow({ where: { symbol: listing.symbol }, select })
  },

  /** Makes the pairs of currencies (`USDT-USD`) that are not known yet. */
  async ensurePairs(tx: Tx, symbols: readonly string[]): Promise<void> {
    const data = symbols.flatMap((symbol) => {
      const pair = parsePair(symbol)
      return pair ? [ofPair(symbol, pair)] : []
    })
    if (data.length > 0) await tx.instrument.createMany({ data, skipDuplicates: true })
  },

  /**
   * Takes over a venue's whole list: an instrument for each pair in a currency that we know, and what the venue
   * calls it. What is not in the list any more is delisted there. Nothing is taken of an empty list.
   */
  async storeListings(tx: Tx, venue: string, listed: readonly ListedPair[]): Promise<void> {
    const byPair = new Map<string, ListedPair>()
    const taken = new Set<string>()
    for (const one of [...listed].sort((a, b) => Number(b.trading) - Number(a.trading))) {
      const symbol = `${one.pair.base}-${one.pair.quote}`
      if (!isPair(symbol) || one.symbol.length > LONGEST_VENUE_SYMBOL) continue
      if (byPair.has(symbol) || taken.has(one.symbol)) continue
      byPair.set(symbol, one)
      taken.add(one.symbol)
    }
    if (byPair.size === 0) return
    const [symbols, names] = [[...byPair.keys()], [...byPair.values()].map((one) => one.symbol)]
    await instrumentStore.ensurePairs(tx, await unknownAmong(tx, symbols))
    const statuses = [...byPair.values()].map(({ trading }) => (trading ? 'active' : 'halted'))
    // A venue that spells a pair anew, or gives a spelling to another pair, would break one of the two keys.
    await tx.$executeRaw`
      WITH given AS (
        SELECT instruments.id, given.name
        FROM unnest(${symbols}::text[], ${names}::text[]) AS given (symbol, name)
        JOIN instruments ON instruments.symbol = given.symbol
      )
      DELETE FROM venue_symbols AS old USING (
        SELECT known.instrument_id, known.symbol FROM venue_symbols AS known
        LEFT JOIN given AS by_id ON by_id.id = known.instrument_id
        LEFT JOIN given AS by_name ON by_name.name = known.symbol
        WHERE known.venue = ${venue} AND (by_id.name <> known.symbol OR by_name.id <> known.instrument_id)
      ) AS wrong
      WHERE old.venue = ${venue} AND old.symbol = wrong.symbol`
    await tx.$executeRaw`
      INSERT INTO venue_symbols (instrument_id, venue, symbol, status)
      SELECT instruments.id, ${venue}, given.name, given.status
      FROM unnest(${symbols}::text[], ${names}::text[], ${statuses}::text[]) AS given (symbol, name, status)
      JOIN instruments ON instruments.symbol = given.symbol
      ON CONFLICT (venue, symbol) DO UPDATE SET status = excluded.status
      WHERE venue_symbols.status <> excluded.status`
    await tx.$executeRaw`
      UPDATE venue_symbols SET status = 'delisted'
      WHERE venue = ${venue} AND status <> 'delisted' AND symbol <> ALL(${names}::text[])`
    await tx.$executeRaw`
      UPDATE instruments SET status = told.status
      FROM (
        SELECT instrument_id, CASE WHEN bool_or(status = 'active') THEN 'active'
                                   WHEN bool_or(status = 'halted') THEN 'halted' ELSE 'delisted' END AS status
        FROM venue_symbols GROUP BY instrument_id HAVING bool_or(venue = ${venue})
      ) AS told
      WHERE instruments.id = told.instrument_id AND instruments.status <> told.status`
  },

  /**
   * Takes over what a source told; makes the instrument where nobody has named it yet. A name is taken only in
   * place of the symbol, which stands for it until then; a pair keeps its currency.
   */
  async learned(tx: Tx, symbol: string, { source, name, isin, instrument, currency }: Facts): Promise<void> {
    const pair = parsePair(symbol)
    const mic = marketOf(symbol)?.mic ?? null
    const made =
      pair && isPair(symbol)
        ? ofPair(symbol, pair)
        : { symbol, kind: instrument ?? 'STOCK', name: symbol, currency, mic }
    if (!isCurrency(made.currency)) return
    await tx.instrument.createMany({ data: [made], skipDuplicates: true })
    const kind = made.kind === 'CRYPTO' || made.kind === 'CURRENCY' ? null : (instrument ?? null)
    await tx.$executeRaw`
      UPDATE instruments SET name = told.name, isin = told.isin, kind = told.kind, currency = told.currency
      FROM (
        SELECT CASE WHEN name IN (symbol, ${made.name}) THEN coalesce(${name ?? null}, name) ELSE name END AS name,
               coalesce(${isin ?? null}, isin) AS isin, coalesce(${kind}, kind) AS kind,
               ${made.currency}::text AS currency
        FROM instruments WHERE symbol = ${symbol}
      ) AS told
      WHERE symbol = ${symbol} AND (instruments.name, instruments.isin, instruments.kind, instruments.currency)
        IS DISTINCT FROM (told.name, told.isin, told.kind, told.currency)`
    if (source === undefined) return
    await tx.$executeRaw`
      INSERT INTO venue_symbols (instrument_id, venue, symbol)
      SELECT id, ${source}, symbol FROM instruments WHERE symbol = ${symbol} ON CONFLICT DO NOTHING`
  },
}

/** Those that are no instruments yet; to insert thousands that are there already takes long. */
async function unknownAmong(tx: Tx, symbols: readonly string[]): Promise<readonly string[]> {
  const rows = await tx.$queryRaw<{ symbol: string }[]>`
    SELECT symbol FROM unnest(${[...symbols]}::text[]) AS given (symbol)
    WHERE NOT EXISTS (SELECT FROM instruments WHERE instruments.symbol = given.symbol)`
  return rows.map((row) => row.symbol)
}

const MAIN_QUOTES = ['USD', 'USDT'] as const

/** The currency of what no market has told is the word of whoever named it: each user sees his own. */
const COLUMNS = Prisma.sql`
  id, symbol, kind, name, coalesce((
    SELECT assets.currency FROM assets WHERE assets.instrument_id = instruments.id
      AND NOT EXISTS (SELECT FROM venue_symbols WHERE venue_symbols.instrument_id = instruments.id)
    ORDER BY assets.created_at LIMIT 1
  ), currency) AS currency, mic, isin, lot_size::text AS lot_size, status, ARRAY(
    SELECT venue FROM venue_symbols
    WHERE venue_symbols.instrument_id = instruments.id AND venue_symbols.status <> 'delisted' ORDER BY venue
  ) AS venues`

/**
 * What a user may look up: what a venue or source knows, what a market has priced, and what is the user's own.
 * Anything else would tell what somebody else owns; of the assets, row level security shows the user's alone.
 */
const VISIBLE = Prisma.sql`(
  EXISTS (SELECT FROM venue_symbols WHERE venue_symbols.instrument_id = instruments.id)
  OR EXISTS (SELECT FROM candles WHERE candles.instrument_id = instruments.id)
  OR EXISTS (SELECT FROM assets WHERE assets.instrument_id = instruments.id))`

interface FoundRow {
  readonly id: string
  readonly symbol: string
  readonly kind: string
  readonly name: string
  readonly currency: string
  readonly mic: string | null
  readonly isin: string | null
  readonly lot_size: string | null
  readonly status: string
  readonly venues: readonly string[]
}

function toInstrument(row: FoundRow): StoredInstrument {
  const { id, symbol, kind, name, currency, mic, isin, lot_size, venues } = row
  const lot = lot_size ?? marketOf(symbol)?.lot
  const lotSize = lot == null ? null : formatFixed(parseFixed(String(lot)))
  return {
    ...{ id, symbol, name, currency, mic, isin, lotSize, venues },
    // The words that this file and the checks of the table let in.
    kind: kind as Instrument['kind'],
    status: row.status as Instrument['status'],
  }
}

function isPair(symbol: string): boolean {
  const pair = parsePair(symbol)
  return pair !== null && pair.base !== pair.quote && isCurrency(pair.quote)
}

/** A pair is of currencies when what it prices is money, and no coin. */
function ofPair(symbol: string, { base, quote }: Pair) {
  const kind = isCurrency(base) && !isCoin(base) ? 'CURRENCY' : 'CRYPTO'
  return { symbol, kind, name: base, currency: quote, mic: null }
}
