import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import type { CandleAsk, VenueRest } from '../../src/feeds/rest/rest.js'
import { isDecimalText } from '../../src/lib/decimal.js'
import type { PastCandle } from '../../src/prices/candle.js'
import { FEEDS, WITHOUT_FEEDS } from './exchange-frames.js'
import { expectSaneTick } from './exchange-readings.js'

/** What a test of a venue's recorded answers adds to its title where there are none, and is skipped for. */
export function withoutAnswers(folder: string): string {
  if (FEEDS && existsSync(join(FEEDS, 'rest', folder))) return ''
  return FEEDS ? ` (skipped: HARTA_FEEDS holds no rest/${folder})` : WITHOUT_FEEDS
}

export function recordedAnswer(path: string): Buffer {
  const bytes = readFileSync(join(FEEDS ?? '', 'rest', path))
  return path.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

export function body(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A decimal text without the zeros behind its point that say nothing. */
export function short(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

export const MIDNIGHT = Date.UTC(2026, 8, 2)

/** What every venue is asked for here: the first ten minutes of a day. */
export function tenMinutes(symbol: string): CandleAsk {
  return { symbol, interval: '1m', from: MIDNIGHT, to: MIDNIGHT + 600_000 }
}

/** The parts of a question that matter, whatever the order of its parameters. */
export function partsOf(url: string): { path: string; query: Record<string, string> } {
  const { origin, pathname, searchParams } = new URL(url)
  return { path: origin + decodeURIComponent(pathname), query: Object.fromEntries(searchParams) }
}

/**
 * Reads what no venue should say: pages, other JSON, and these answers with parts cut out or put elsewhere.
 * Nothing may throw, and what is given has to be sane.
 */
export function expectUnbreakableReaders(rest: VenueRest, answers: readonly string[]): void {
  const values = fc.oneof(
    fc.constantFrom('0', '-1', '1e5', '1e400', 'NaN', '00', '.5', '9'.repeat(21), ''),
    fc.string({ maxLength: 8 }),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const damaged = fc
    .tuple(fc.constantFrom(...answers), fc.nat(), fc.nat(12), fc.string({ maxLength: 4 }))
    .map(([text, at, length, insert]) => splice(text, at % text.length, length, insert))
  const altered = fc
    .tuple(fc.constantFrom(...answers), fc.nat(), values)
    .map(([text, index, value]) => replaceValue(text, index, JSON.stringify(value)))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), damaged, altered), (text) => {
      const bytes = Buffer.from(text)
      expectSane(rest, bytes)
    }),
    { numRuns: 150 },
  )
}

function expectSane(rest: VenueRest, bytes: Buffer): void {
  const pairs = rest.catalogue.read(bytes)
  if (typeof pairs === 'string') expectWord(pairs)
  else expect(pairs).not.to.have.lengthOf(0)
  const tick = rest.ticker.read(bytes, 'BTC')
  if (typeof tick === 'string') expectWord(tick)
  else expectSaneTick(tick)
  const candles = rest.candles.read(bytes, '1m')
  if (typeof candles === 'string') expectWord(candles)
  else expectSaneCandles(candles)
}

/** One of a fixed set: nothing of what came is in it. */
function expectWord(word: string): void {
  expect(word).to.match(/^[a-z]+(-[a-z]+)*$/)
}

function expectSaneCandles(candles: readonly PastCandle[]): void {
  for (const [index, { at, open, high, low, close }] of candles.entries()) {
    expect(at % 60_000).to.equal(0)
    expect(at).to.be.above(candles[index - 1]?.at ?? 0)
    for (const price of [open, high, low, close]) expect(isDecimalText(price), price).to.equal(true)
    for (const price of [open, close]) expect(Number(price)).to.be.within(Number(low), Number(high))
  }
}

function splice(text: string, at: number, length: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + length)
}

/** Puts another value in the place of one of the answer's strings or numbers. */
function replaceValue(text: string, index: number, value: string): string {
  const places = [...text.matchAll(/(?<=[:,[]\s*)("[^"]*"|-?\d[\d.eE+-]*|true|null)/g)]
  const place = places[index % Math.max(places.length, 1)]
  return place ? splice(text, place.index, place[0].length, value) : text
}
