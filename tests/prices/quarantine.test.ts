import { expect } from 'chai'
import fc from 'fast-check'
import { Admission } from '../../src/prices/admission.js'
import { PriceBoard } from '../../src/prices/board.js'
import type { Offer } from '../../src/prices/tick.js'
import { offerOf } from './quotes.js'

const NOW = Date.UTC(2026, 0, 1, 12)

describe('the quarantine of prices', () => {
  function open(bandShare?: number) {
    const time = { now: NOW }
    const board = new PriceBoard({ now: () => time.now })
    const admission = new Admission({
      board,
      now: () => time.now,
      ...(bandShare === undefined ? {} : { bandShare }),
    })
    let ticks = 0
    /** One offer of a price, a ms later than the last unless told: 'won', or why not. */
    const offer = (price: number | string, more: Partial<Offer> = {}): string => {
      ticks += 1
      const verdict = admission.decide(
        offerOf({ price: String(price), at: NOW + ticks, order: ticks, ...more }),
      )
      return verdict.won ? 'won' : verdict.reason
    }
    const shown = () => board.get('BTC-USD')?.quote.price
    return { time, board, admission, offer, shown }
  }

  it('never shows a single wild price between sane ones', () => {
    const sane = fc.integer({ min: 96_000, max: 104_000 })
    const wild = fc.oneof(
      fc.integer({ min: 1, max: 70_000 }),
      fc.integer({ min: 140_000, max: 100_000_000 }),
      fc.constant('0.000000000000000001'),
    )
    const stretch = fc.tuple(fc.array(sane, { minLength: 1, maxLength: 4 }), fc.option(wild))
    fc.assert(
      fc.property(fc.array(stretch, { maxLength: 20 }), (stretches) => {
        const { offer, shown, admission } = open()
        for (const [sanes, wild] of stretches) {
          for (const price of sanes) {
            expect(offer(price)).to.equal('won')
            expect(admission.held()).to.deep.equal([])
          }
          if (wild === null) continue
          expect(offer(wild)).to.equal('quarantined')
          expect(shown()).to.equal(String(sanes.at(-1)))
          expect(admission.held()).to.have.lengthOf(1)
        }
      }),
    )
  })

  it('holds what is farther than the band, and nothing nearer, either way', () => {
    const { offer } = open()
    offer('100')
    expect(offer('125')).to.equal('won')
    expect(offer('156.25')).to.equal('won')
    expect(offer('195.3126')).to.equal('quarantined')
    expect(offer('117.1874')).to.equal('quarantined')
    expect(offer('117.1875')).to.equal('won')
    const wide = open(9)
    wide.offer('100')
    expect(wide.offer('1000')).to.equal('won')
    expect(wide.offer('10000.1')).to.equal('quarantined')
  })

  it('lets a crash pass that three later ticks confirm, although it goes on falling', () => {
    const { offer, shown, admission } = open()
    offer('100')
    expect(['50', '49', '47.5', '46'].map((price) => offer(price))).to.deep.equal([
      'quarantined',
      'quarantined',
      'quarantined',
      'won',
    ])
    expect(shown()).to.equal('46')
    expect(admission.held()).to.deep.equal([])
    expect(offer('45')).to.equal('won')
  })

  it('lets a market that never comes back pass within a few ticks, whatever else is said between', () => {
    const tick = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 4_000, max: 4_190 }) })
    fc.assert(
      fc.property(fc.array(tick, { minLength: 4, maxLength: 12 }), (after) => {
        const { offer, shown } = open()
        offer('10000')
        offer('1')
        for (const price of after) offer(price)
        expect(shown()).to.equal(String(after.at(-1)))
      }),
    )
  })

  it('tells what it holds, since when, and how often it was confirmed', () => {
    const { offer, admission, time } = open()
    offer('100')
    time.now += 5
    offer('50')
    time.now += 5
    offer('51')
    offer('200', { symbol: 'ETH-USD' })
    expect(admission.held()).to.deep.equal([
      {
        symbol: 'BTC-USD',
        source: 'coinbase',
        price: '51',
        standing: '100',
        since: NOW + 5,
        confirmations: 1,
      },
    ])
    admission.retain(new Set(['ETH-USD']))
    expect(admission.held()).to.deep.equal([])
  })

  it('counts neither what was counted nor what is older', () => {
    const { offer, shown } = open()
    offer('100', { at: NOW, order: 0 })
    offer('50', { at: NOW + 10, order: 3 })
    for (const [at, order] of [
      [10, 3],
      [10, 2],
      [10, null],
      [9, 9],
    ] as const)
      expect(offer('50', { at: NOW + at, order })).to.equal('quarantined')
    for (const order of [4, 5]) expect(offer('50', { at: NOW + 10, order })).to.equal('quarantined')
    // A sane price that is older than the suspect says nothing about it.
    expect(offer('100', { at: NOW + 9, order: null })).to.equal('won')
    expect(offer('50', { at: NOW + 11 })).to.equal('won')
    expect(shown()).to.equal('50')
  })

  it('begins to count anew when a later price is sane, or wild in another way', () => {
    const { offer, shown } = open()
    offer('100')
    for (const price of ['50', '50', '50', '101', '50', '50', '50', '200', '50', '50', '50'])
      expect(offer(price), price).to.equal(price === '101' ? 'won' : 'quarantined')
    expect(shown()).to.equal('101')
    expect(offer('50')).to.equal('won')
  })

  it('lets pass at once what a second source says too', () => {
    const { admission, offer } = open()
    offer('100')
    admission.witness('BTC-USD', 'kraken', '52.4', NOW)
    expect(offer('50')).to.equal('won')
    admission.witness('BTC-USD', 'kraken', '100', NOW + 1)
    admission.witness('BTC-USD', 'kraken', '20', NOW)
    expect(offer('20')).to.equal('quarantined')
  })

  it('hears no second source that has not seen the market since, is the same one, or cannot be true', () => {
    const { admission, offer } = open()
    offer('100')
    admission.witness('BTC-USD', 'kraken', '50', NOW - 15_001)
    admission.witness('BTC-USD', 'coinbase', '50', NOW + 10)
    admission.witness('BTC-USD', 'binance', '50', NOW + 15_001)
    admission.witness('BTC-USD', 'bybit', '50', Number.NaN)
    admission.witness('BTC-USD', 'okx', '-50', NOW)
    admission.witness('BTC-USD', 'gemini', '47', NOW)
    admission.witness('ETH-USD', 'bitstamp', '50', NOW)
    expect(offer('50')).to.equal('quarantined')
  })

  it('does not believe one source’s few ticks while another says what stands, unless it goes on for half a minute', () => {
    const { admission, offer, shown, time } = open()
    offer('100')
    admission.witness('BTC-USD', 'kraken', '104', NOW - 2_000)
    for (let tick = 0; tick < 20; tick += 1) expect(offer('10')).to.equal('quarantined')
    time.now += 29_999
    admission.witness('BTC-USD', 'kraken', '96', time.now)
    expect(offer('10')).to.equal('quarantined')
    expect(shown()).to.equal('100')
    time.now += 1
    expect(offer('10')).to.equal('won')
  })

  it('believes one source’s few ticks where another has said nothing of late, or something else', () => {
    for (const [price, at] of [
      ['100', NOW - 3_001],
      ['110', NOW],
    ] as const) {
      const { admission, offer } = open()
      offer('100', { at: NOW - 10_000 })
      admission.witness('BTC-USD', 'kraken', price, at)
      expect(['50', '50', '50', '50'].map((price) => offer(price)).at(-1)).to.equal('won')
    }
  })

  it('wants the same confirmation from a source that takes over', () => {
    const { offer, shown, admission } = open()
    offer('100')
    const kraken = { source: 'kraken' }
    expect(['50', '50', '50'].map((price) => offer(price, kraken))).to.deep.equal(
      Array.from({ length: 3 }, () => 'quarantined'),
    )
    expect(shown()).to.equal('100')
    expect(admission.held()[0]?.source).to.equal('kraken')
    expect(offer('50', kraken)).to.equal('won')
    // What the first source said alone, the second says too.
    expect(offer('20', kraken)).to.equal('quarantined')
    expect(offer('20.5')).to.equal('won')
  })

  it('holds a price against a stale one as well', () => {
    const { offer, time } = open()
    offer('100')
    time.now += 24 * 3_600_000
    expect(offer('50', { at: time.now })).to.equal('quarantined')
  })

  it('counts a source that tells one instant for long once a minute', () => {
    for (const state of ['closed', 'delayed'] as const) {
      const { offer, time } = open()
      const said = { at: NOW + 1_000, order: null, state, source: 'yahoo' }
      offer('100', { ...said, at: NOW })
      offer('50', said)
      for (let confirmations = 0; confirmations < 2; confirmations += 1) {
        time.now += 59_999
        expect(offer('50', said)).to.equal('quarantined')
        time.now += 1
        expect(offer('50', said)).to.equal('quarantined')
      }
      time.now += 60_000
      expect(offer('50', said)).to.equal('won')
    }
    const { offer, time } = open()
    const live = { at: NOW + 1_000, order: null }
    offer('100', { ...live, at: NOW })
    for (let turn = 0; turn < 5; turn += 1) {
      expect(offer('50', live)).to.equal('quarantined')
      time.now += 60_000
    }
  })

  it('takes any first price, unless other sources have just said something else', () => {
    expect(open().offer('0.01')).to.equal('won')
    const { admission, offer, shown, time } = open()
    admission.witness('BTC-USD', 'kraken', '100', NOW - 3_000_000)
    expect(['1', '1', '1'].map((price) => offer(price))).to.deep.equal(
      Array.from({ length: 3 }, () => 'quarantined'),
    )
    expect(admission.held()[0]?.standing).to.equal(null)
    expect(shown()).to.equal(undefined)
    expect(offer('90')).to.equal('won')
    admission.witness('ETH-USD', 'kraken', '100', NOW)
    admission.witness('ETH-USD', 'binance', '2', NOW)
    expect(offer('2.2', { symbol: 'ETH-USD' })).to.equal('won')
    admission.witness('SOL-USD', 'kraken', '100', NOW)
    time.now += 3_600_001
    expect(offer('1', { symbol: 'SOL-USD' })).to.equal('won')
  })
})
