import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import type { RateAnswer, SourceAnswer, SourceRefusal } from '../../src/feeds/sources/source.js'
import { isCurrency } from '../../src/lib/currency.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { type Interval, LENGTH_MS, type PastCandle } from '../../src/prices/candle.js'
import { FEEDS } from './exchange-frames.js'

export interface RecordedAnswer {
  readonly file: string
  readonly body: Buffer
}

/** Every recorded answer of a source, one for each line of a `.jsonl` file. */
export function recordedAnswers(folder: string): RecordedAnswer[] {
  const root = join(FEEDS ?? '', 'rest', folder)
  if (!existsSync(root)) return []
  return readdirSync(root).flatMap((file) => {
    const content = readFileSync(join(root, file))
    if (file.endsWith('.gz')) return { file, body: gunzipSync(content) }
    if (!file.endsWith('.jsonl')) return { file, body: content }
    return content
      .toString()
      .split('\n')
      .filter((line) => line !== '')
      .map((line, index) => ({ file: `${file}:${index + 1}`, body: Buffer.from(line) }))
  })
}

export function recordedAnswer(folder: string, file: string): Buffer {
  const found = recordedAnswers(folder).find((answer) => answer.file === file)
  if (!found) throw new Error(`no recorded answer ${folder}/${file}`)
  return found.body
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}

const PRICE = /^(0|[1-9]\d{0,19})(\.\d{0,17}[1-9])?$/
const EARLIEST = Date.UTC(1990, 0, 1)
const LATEST = Date.UTC(2100, 0, 1)

function expectPrice(price: string): void {
  expect(price).to.match(PRICE)
  expect(price).not.to.equal('0')
}

function expectRefusal(refusal: SourceRefusal): void {
  expect(['quota', 'key', 'not-an-answer', 'error']).to.include(refusal.reason)
}

/** What every answer must be, wherever it came from: each name that was asked for has a quote or none, with a word. */
export function expectSaneAnswer(answer: SourceAnswer, names: readonly string[]): void {
  if (answer.kind === 'refused') {
    expectRefusal(answer)
    return
  }
  expect([...answer.quotes.keys()]).to.have.members([...names])
  for (const quote of answer.quotes.values()) {
    if ('missing' in quote) {
      expect(quote.reason).to.match(/^[a-z-]{1,20}$/)
      continue
    }
    expectPrice(quote.price)
    expect(isCurrency(quote.currency)).to.equal(true)
    expect(quote.at).to.be.within(EARLIEST, LATEST)
  }
}

export function expectSaneRates(answer: RateAnswer): void {
  if (answer.kind === 'refused') {
    expectRefusal(answer)
    return
  }
  expect(answer.rates).not.to.have.length(0)
  for (const { base, quote, date, rate } of answer.rates) {
    expectPrice(rate)
    expect(isCurrency(base) && isCurrency(quote) && base !== quote).to.equal(true)
    expect(new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10)).to.equal(date)
  }
  expect(isSorted(answer.rates.map(({ date }) => date))).to.equal(true)
}

export function expectSaneCandles(read: readonly PastCandle[] | SourceRefusal, interval: Interval): void {
  if ('kind' in read) {
    expectRefusal(read)
    return
  }
  for (const { at, open, high, low, close } of read) {
    expect(at % LENGTH_MS[interval]).to.equal(0)
    for (const price of [open, high, low, close]) expectPrice(price)
    const [top, bottom] = [parseFixed(high), parseFixed(low)]
    for (const price of [open, close]) {
      expect(parseFixed(price) <= top && parseFixed(price) >= bottom).to.equal(true)
    }
  }
  const times = read.map(({ at }) => at)
  expect(isSorted(times) && new Set(times).size === times.length).to.equal(true)
}

function isSorted<T>(values: readonly T[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? value) <= value)
}

/** Hands arbitrary bytes, arbitrary JSON and damaged answers to a check; it must not throw for any of them. */
export function expectUnbreakable(answers: readonly Buffer[], check: (body: Buffer) => void): void {
  const values = fc.oneof(
    fc.constantFrom(
      'null',
      '0',
      '-1',
      '1e400',
      '1e-400',
      '""',
      '"0"',
      '[]',
      '{}',
      '9'.repeat(40),
      '"NaN"',
      '-0.0',
    ),
    fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value)),
  )
  const damaged = fc
    .tuple(fc.constantFrom(...answers), fc.nat(), fc.nat(12), fc.string({ maxLength: 6 }))
    .map(([body, at, length, insert]) => splice(body, at % body.length, length, insert))
  const valued = fc
    .tuple(fc.constantFrom(...answers), fc.nat(), values)
    .map(([body, which, value]) => Buffer.from(replaceValue(body.toString(), which, value)))
  const bodies = fc.oneof(
    { arbitrary: damaged, weight: 4 },
    { arbitrary: valued, weight: 4 },
    { arbitrary: fc.json().map((text) => Buffer.from(text)), weight: 1 },
    { arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
  )
  fc.assert(fc.property(bodies, check), { numRuns: 120 })
  for (const body of ['', ' ', 'null', '[]', '{}', '<!doctype html><html></html>', '[[[['])
    check(Buffer.from(body))
}

function splice(body: Buffer, at: number, length: number, insert: string): Buffer {
  return Buffer.concat([body.subarray(0, at), Buffer.from(insert), body.subarray(at + length)])
}

/** Puts something else in the place of one JSON number or string that is a value. */
function replaceValue(text: string, which: number, value: string): string {
  const found = [...text.matchAll(/(?<=:\s*|[[,]\s*)(?:-?\d[\d.eE+-]*|"[^"]*"(?!\s*:)|null)/g)]
  const hit = found[which % Math.max(found.length, 1)]
  return hit ? text.slice(0, hit.index) + value + text.slice(hit.index + hit[0].length) : text
}
