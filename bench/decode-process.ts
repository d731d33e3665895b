import { binance } from '../src/feeds/venues/binance.js'
import { answer, cpuSeconds } from './harness/answers.js'
import { priceOf } from './harness/population.js'

const FRAMES = 2_000
const ROUNDS = 20
const ROUND_MS = 150

/** Mini-tickers of a combined stream, as the exchange's documentation shows them. */
function frames(): readonly string[] {
  return Array.from({ length: FRAMES }, (_, number) => {
    const name = `COIN${number % 200}`
    const price = `${priceOf(`${name}-USD`, number)}000000`
    const data = {
      e: '24hrMiniTicker',
      E: 1_767_225_600_000 + number * 37,
      s: `${name}USDT`,
      c: price,
      o: price,
      h: price,
      l: price,
      v: `${number}.12000000`,
      q: `${number * 97}.50000000`,
    }
    return JSON.stringify({ stream: `${name.toLowerCase()}usdt@miniTicker`, data })
  })
}

function measure(): { read: number; parse: number; bytes: number } {
  const all = frames()
  const ticks = (frame: string) => {
    const reading = binance.read(frame)
    return reading.kind === 'ticks' ? reading.ticks.length : 0
  }
  const parsed = (frame: string) => (typeof JSON.parse(frame) === 'object' ? 1 : 0)
  let read = 0
  let parse = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    read = Math.max(read, rate(ticks, all))
    parse = Math.max(parse, rate(parsed, all))
  }
  const bytes = Math.round(all.reduce((sum, frame) => sum + frame.length, 0) / all.length)
  return { read, parse, bytes }
}

function rate(work: (frame: string) => number, all: readonly string[]): number {
  const began = performance.now()
  const before = cpuSeconds()
  let done = 0
  let gained = 0
  while (performance.now() - began < ROUND_MS) {
    for (const frame of all) gained += work(frame)
    done += all.length
  }
  if (gained !== done) throw new Error('a frame was not understood')
  return done / (cpuSeconds() - before)
}

const handlers = { measure }
export type DecodeAnswers = typeof handlers

answer(handlers)
