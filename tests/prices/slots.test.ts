import { expect } from 'chai'
import fc from 'fast-check'
import type { Coordination } from '../../src/prices/coordination.js'
import { createMemoryCoordination } from '../../src/prices/coordination-memory.js'
import { Slots, slotOf } from '../../src/prices/slots.js'
import { FakeClock } from '../support/exchange-clock.js'
import { readableLog } from '../support/server.js'

const ALL = Array.from({ length: 64 }, (_, slot) => slot)

interface Worker {
  readonly slots: Slots
  readonly state: {
    /** Stands still: neither its timers nor its answers come. */
    frozen: boolean
    /** What it asks is not heard. */
    cut: boolean
    /** What it asks for is given, but the answer is lost. */
    deaf: boolean
    prepares: boolean
    acquired: () => void
  }
  readonly prepared: (readonly number[])[]
  /** How many slots it held each time that this changed. */
  readonly told: number[]
  thaw(): void
}

describe('the slots of instruments', () => {
  it('are the same for a symbol in every process, and even', () => {
    expect(['BTC-USD', 'ETH-USD', 'USD-IDR', 'BBCA.JK'].map(slotOf)).to.deep.equal([49, 5, 3, 2])
    const counts = new Map<number, number>()
    for (let index = 0; index < 6_400; index += 1) {
      const slot = slotOf(`C${index}-USD`)
      counts.set(slot, (counts.get(slot) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).to.deep.equal(ALL)
    for (const count of counts.values()) expect(count).to.be.within(60, 140)
  })

  describe('among workers', () => {
    /** Any number of workers on one clock; each can be cut off, or stand still as a stopped process does. */
    function open() {
      const clock = new FakeClock()
      const shared = { memory: createMemoryCoordination({ now: () => clock.now() }) }
      const { log } = readableLog()
      const workers: Worker[] = []

      function join(member: string): Worker {
        const state: Worker['state'] = {
          frozen: false,
          cut: false,
          deaf: false,
          prepares: true,
          acquired: () => {},
        }
        const thawed: (() => void)[] = []
        const prepared: (readonly number[])[] = []
        const told: number[] = []
        const answer = async <T>(ask: (memory: Coordination) => Promise<T>): Promise<T> => {
          if (state.cut) throw new Error('away')
          const result = await ask(shared.memory)
          if (state.frozen) await new Promise<void>((resolve) => thawed.push(resolve))
          return result
        }
        const coordination: Coordination = {
          ...shared.memory,
          acquireAll: (...all) =>
            answer(async (memory) => {
              const held = await memory.acquireAll(...all)
              state.acquired()
              if (state.deaf) throw new Error('no answer')
              return held
            }),
          releaseAll: (...all) => answer((memory) => memory.releaseAll(...all)),
          report: (...all) => answer((memory) => memory.report(...all)),
          reports: (...all) => answer((memory) => memory.reports(...all)),
        }
        const slots: Slots = new Slots({
          coordination,
          member,
          clock: {
            now: () => clock.now(),
            every: (periodMs, work) => clock.every(periodMs, work),
            after: (delayMs, work) =>
              clock.after(delayMs, () => (state.frozen ? void thawed.push(work) : work())),
          },
          random: () => 0.5,
          log,
          prepare: async (taken) => {
            if (!state.prepares) throw new Error('away')
            expect([...taken].filter((slot) => slots.holds(slot))).to.deep.equal([])
            prepared.push([...taken])
          },
          changed: () => told.push(slots.held().size),
        })
        const thaw = (): void => {
          state.frozen = false
          for (const work of thawed.splice(0)) work()
        }
        const worker = { slots, state, prepared, told, thaw }
        workers.push(worker)
        return worker
      }

      /** Time for all, in small steps; no slot ever has two holders that may speak. */
      async function pass(ms: number): Promise<void> {
        for (let passed = 0; passed < ms; passed += 100) {
          clock.advance(100)
          await new Promise((resolve) => setImmediate(resolve))
          const awake = workers.filter(({ state }) => !state.frozen)
          const held = awake.flatMap(({ slots }) => [...slots.held()])
          expect(new Set(held).size, 'slots of one holder').to.equal(held.length)
        }
      }
      const sizes = () => workers.map(({ slots }) => slots.held().size)
      return { clock, shared, workers, join, pass, sizes }
    }

    it('are all held by one that is alone, as soon as they are prepared', async () => {
      const { join, pass } = open()
      const one = join('one')
      expect(one.slots.holder()).to.equal(null)
      await one.slots.start()
      expect([...one.slots.held()].sort((a, b) => a - b)).to.deep.equal(ALL)
      expect(one.prepared.map((slots) => slots.length)).to.deep.equal([64])
      expect(one.told).to.deep.equal([64])
      expect(one.slots.mine('BTC-USD')).to.equal(true)
      const holder = one.slots.holder()
      await pass(60_000)
      expect(one.told).to.deep.equal([64])
      expect(one.slots.holder()).to.equal(holder)
    })

    it('are divided evenly within seconds when others come, and again when they go', async () => {
      const { join, pass, sizes } = open()
      for (const [member, expected] of [
        ['one', [64]],
        ['two', [32, 32]],
        ['three', [22, 22, 20]],
      ] as const) {
        await join(member).slots.start()
        await pass(5_000)
        expect(sizes().sort((a, b) => b - a)).to.deep.equal(expected)
      }
    })

    it('go to the others with their next look when a worker stops as planned', async () => {
      const { join, pass, sizes, clock } = open()
      const [one, two] = [join('one'), join('two')]
      await Promise.all([one.slots.start(), two.slots.start()])
      await pass(20_000)
      expect(sizes()).to.deep.equal([32, 32])
      const { told } = two
      await one.slots.stop()
      expect(told.at(-1)).to.equal(32)
      await pass(2_200)
      expect(sizes()).to.deep.equal([0, 64])
      await two.slots.stop()
      await one.slots.stop()
      expect(clock.pending).to.equal(0)
    })

    it('go to the others within ten seconds when a worker dies', async () => {
      const { join, pass, sizes, workers } = open()
      const [one, two, three] = [join('one'), join('two'), join('three')]
      await Promise.all([one, two, three].map(({ slots }) => slots.start()))
      await pass(20_000)
      one.state.frozen = true
      workers.shift()
      await pass(9_000)
      expect(sizes()).to.deep.equal([32, 32])
    })

    it('are no longer held by one that stood still, from its first word on, and never as the same again', async () => {
      const { join, pass, sizes, clock } = open()
      const [one, two] = [join('one'), join('two')]
      await Promise.all([one.slots.start(), two.slots.start()])
      await pass(20_000)
      const before = one.slots.holder()
      const slot = [...one.slots.held()][0] ?? -1
      one.state.frozen = true
      await pass(9_000)
      expect(sizes()[1]).to.equal(64)
      expect([one.slots.holder(), one.slots.holds(slot), one.slots.held().size]).to.deep.equal([
        null,
        false,
        0,
      ])
      one.thaw()
      expect(one.slots.holder()).to.equal(null)
      await pass(6_000)
      expect(sizes()).to.deep.equal([32, 32])
      expect(one.slots.holder()).not.to.be.oneOf([null, before])
      expect(one.told).to.include(0)
      // A clock that was set back proves nothing either.
      clock.advance(-1_000)
      expect(one.slots.holder()).to.equal(null)
    })

    it('are reckoned from before they were asked for, however late the answer comes', async () => {
      const { join, pass, sizes } = open()
      const [one, two] = [join('one'), join('two')]
      await Promise.all([one.slots.start(), two.slots.start()])
      await pass(20_000)
      one.state.acquired = () => {
        one.state.frozen = true
      }
      await pass(12_000)
      expect(sizes()[1]).to.equal(64)
      one.state.acquired = () => {}
      one.thaw()
      await pass(100)
      expect(sizes()).to.deep.equal([0, 64])
    })

    it('come back soon to one that was not answered, although its last question was heard', async () => {
      const { join, pass } = open()
      const one = join('one')
      await one.slots.start()
      await pass(20_000)
      one.state.deaf = true
      await pass(6_600)
      expect(one.told).to.deep.equal([64, 0])
      one.state.deaf = false
      await pass(1_200)
      expect(one.told).to.deep.equal([64, 0, 64])
    })

    it('outlast a renewal that fails, and are lost by one that is cut off for longer than a lease', async () => {
      const { join, pass } = open()
      const one = join('one')
      await one.slots.start()
      await pass(20_000)
      const before = one.slots.holder()
      one.state.cut = true
      await pass(3_500)
      one.state.cut = false
      await pass(3_000)
      expect([one.slots.holder(), one.told]).to.deep.equal([before, [64]])
      one.state.cut = true
      await pass(6_600)
      expect(one.told).to.deep.equal([64, 0])
      one.state.cut = false
      await pass(1_000)
      expect(one.told).to.deep.equal([64, 0, 64])
      expect(one.slots.holder()).not.to.equal(before)
    })

    it('stay where they are when what holds the leases forgets everything', async () => {
      const { join, pass, shared, clock } = open()
      const all = ['one', 'two', 'three'].map(join)
      for (const { slots } of all) {
        await slots.start()
        await pass(700)
      }
      await pass(20_000)
      const before = all.map(({ slots }) => [...slots.held()])
      for (const { told } of all) told.length = 0
      shared.memory = createMemoryCoordination({ now: () => clock.now() })
      await pass(15_000)
      expect(all.map(({ slots }) => [...slots.held()])).to.deep.equal(before)
      expect(all.flatMap(({ told }) => told)).to.deep.equal([])
    })

    it('are not held while they cannot be prepared', async () => {
      const { join, pass } = open()
      const one = join('one')
      one.state.prepares = false
      await one.slots.start()
      await pass(5_000)
      expect([one.slots.held().size, one.told]).to.deep.equal([0, []])
      one.state.prepares = true
      await pass(600)
      expect([one.slots.held().size, one.told]).to.deep.equal([64, [64]])
    })

    it('are looked at soon when there is doubt', async () => {
      const { join, pass, shared, clock } = open()
      const one = join('one')
      await one.slots.start()
      await pass(20_100)
      shared.memory = createMemoryCoordination({ now: () => clock.now() })
      for (let turn = 0; turn < 6; turn += 1) {
        one.slots.doubt()
        await pass(100)
      }
      expect(shared.memory.holderOf('slot:0')).to.equal(one.slots.holder())
    })

    it('have one holder at most and in the end each its own, whoever comes, dies and stops', async () => {
      const event = fc.constantFrom('join', 'stop', 'die', 'freeze', 'thaw')
      await fc.assert(
        fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 8 }), async (events) => {
          const { join, pass, workers } = open()
          await join('first').slots.start()
          for (const [index, kind] of events.entries()) {
            const first = workers[0]
            if (kind === 'join') await join(`worker ${index}`).slots.start()
            else if (kind === 'stop' && first) {
              first.thaw()
              workers.shift()
              await first.slots.stop()
            } else if (kind === 'die' && first) {
              first.state.frozen = true
              workers.shift()
            } else if (kind === 'freeze' && first) first.state.frozen = true
            else if (kind === 'thaw') for (const { thaw } of workers) thaw()
            await pass(1_500)
          }
          for (const { thaw } of workers) thaw()
          await pass(18_000)
          const held = workers.flatMap(({ slots }) => [...slots.held()])
          expect(held.sort((a, b) => a - b)).to.deep.equal(workers.length > 0 ? ALL : [])
          const fair = Math.ceil(64 / Math.max(1, workers.length))
          for (const { slots } of workers) expect(slots.held().size).to.be.at.most(fair)
        }),
        { numRuns: 60 },
      )
    })
  })
})
