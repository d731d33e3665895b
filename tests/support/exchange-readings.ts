import { expect } from 'chai'
import fc from 'fast-check'
import type { Reading, Venue, VenueTick } from '../../src/feeds/venue.js'
import { isDecimalText } from '../../src/lib/decimal.js'

/** What every tick must be, wherever it came from. */
export function expectSaneTick(tick: VenueTick): void {
  expect(tick.symbol).to.be.a('string').and.not.equal('')
  expect(isDecimalText(tick.price), tick.price).to.equal(true)
  expect(tick.price).to.match(/^(0|[1-9]\d*)(\.\d*[1-9])?$/)
  expect(tick.price).not.to.equal('0')
  if (tick.at !== null) expect(tick.at).to.be.within(Date.UTC(2010, 0, 1), Date.UTC(2100, 0, 1))
  if (tick.order !== null) expect(Number.isSafeInteger(tick.order)).to.equal(true)
}

/** The ticks of a reading, those of the messages in it included. */
export function ticksIn(reading: Reading): readonly VenueTick[] {
  if (reading.kind === 'several') return reading.readings.flatMap(ticksIn)
  return reading.kind === 'ticks' ? reading.ticks : []
}

/**
 * Reads arbitrary text, arbitrary JSON and damaged frames; nothing may throw or give a bad tick. `before` is what
 * the venue has told on each socket already.
 */
export function expectUnbreakable(
  venue: Venue,
  frames: readonly string[],
  before: readonly string[] = [],
): void {
  const values = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '-1',
      '1e5',
      '1e400',
      'NaN',
      ' 5',
      '0x10',
      '1.',
      '.5',
      '00',
      '9'.repeat(21),
      '1,5',
    ),
    fc.string({ maxLength: 12 }),
    fc.double().map(String),
    fc.jsonValue({ maxDepth: 1 }),
  )
  const damaged = fc
    .tuple(fc.constantFrom(...frames), fc.nat(), fc.nat(8), fc.string({ maxLength: 6 }))
    .map(([frame, at, length, insert]) => splice(frame, at % frame.length, length, insert))
  const altered = fc
    .tuple(fc.constantFrom(...frames), fc.nat(), values)
    .map(([frame, index, value]) => replaceValue(frame, index, JSON.stringify(value)))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), damaged, altered), (frame) => {
      const memory = new Map<string, string>()
      for (const told of before) venue.read(told, memory)
      const reading = venue.read(frame, memory)
      if (reading.kind === 'ticks') expect(reading.ticks).not.to.have.lengthOf(0)
      for (const tick of ticksIn(reading)) expectSaneTick(tick)
    }),
    { numRuns: 3000 },
  )
}

function splice(text: string, at: number, length: number, insert: string): string {
  return text.slice(0, at) + insert + text.slice(at + length)
}

/** Puts another value in the place of one of the frame's strings or numbers. */
function replaceValue(frame: string, index: number, value: string): string {
  const places = [...frame.matchAll(/(?<=[:[,])("[^"]*"|-?\d[\d.eE+-]*)/g)]
  const place = places[index % Math.max(places.length, 1)]
  return place ? splice(frame, place.index, place[0].length, value) : frame
}
