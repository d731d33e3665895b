import { expect } from 'chai'
import fc from 'fast-check'
import type { AlertOp } from '../../src/alerts/ops.js'
import { PriceAlerts } from '../../src/alerts/price-alerts.js'
import { type Fixed, ONE } from '../../src/lib/decimal.js'
import { alertOf, idOf } from './alert-model.js'

const SYMBOLS = ['BTC-USD', 'ETH-USD', 'SOL-USD'] as const
const symbols = fc.constantFrom(...SYMBOLS)
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('tick' as const), symbol: symbols, price: fc.nat(20) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('create' as const),
      symbol: symbols,
      per: fc.option(symbols),
      threshold: fc.nat(20),
      repeat: fc.constantFrom('once' as const, 'rearm' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), nth: fc.nat(100) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('mark' as const),
      symbol: symbols,
      per: symbols,
      price: fc.nat(20),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** Evaluates as a worker does: of ratios only those are ticked that somebody asks for. */
class Evaluator {
  readonly ops: AlertOp[] = []
  readonly alerts = new PriceAlerts({ emit: (op) => this.ops.push(op) })
  readonly #tidies: boolean
  readonly #prices = new Map<string, Fixed>()
  readonly #ids = new Set<string>()
  #made = 0
  #version = 1_000

  constructor(tidies: boolean) {
    this.#tidies = tidies
  }

  take(given: Step): void {
    this.#version += 1
    if (given.kind === 'tick') this.#tick(given.symbol, BigInt(given.price + 1) * ONE)
    else if (given.kind === 'create') this.#create(given)
    else if (given.kind === 'remove') this.#remove([...this.#ids][given.nth % Math.max(this.#ids.size, 1)])
    else this.alerts.mark(`${given.symbol}/${given.per}`, BigInt(given.price + 1) * ONE, 1)
    if (this.#tidies) this.alerts.tidy()
  }

  removeAll(): void {
    for (const id of this.#ids) this.#remove(id)
    this.alerts.tidy()
  }

  #tick(symbol: string, price: Fixed): void {
    this.#prices.set(symbol, price)
    this.alerts.tick(symbol, price, this.#version, this.#version)
    for (const name of this.alerts.ratiosOf(symbol)) {
      const ratio = this.#price(name)
      if (ratio !== null) this.alerts.tick(name, ratio, this.#version, this.#version)
    }
  }

  #create({ symbol, per, threshold, repeat }: Step & { kind: 'create' }): void {
    const name = per === null ? symbol : `${symbol}/${per}`
    const previous = this.#price(name)
    this.#made += 1
    const id = idOf(this.#made)
    this.#ids.add(id)
    const seen = {
      previous,
      previousVersion: this.#version,
      previousAt: previous === null ? null : this.#version,
    }
    const rule = {
      symbol,
      per,
      condition: 'crosses',
      threshold: BigInt(threshold) * ONE + 1n,
      repeat,
    } as const
    this.alerts.put(alertOf({ id, ...rule, ...seen }))
  }

  #price(name: string): Fixed | null {
    const [above = '', below = null] = name.split('/')
    const price = this.#prices.get(above)
    const other = below === null ? ONE : this.#prices.get(below)
    return price === undefined || other === undefined ? null : (price * ONE) / other
  }

  #remove(id: string | undefined): void {
    if (id === undefined) return
    this.#ids.delete(id)
    this.alerts.remove(id)
  }
}

describe('ratios of which nobody asks to be told', () => {
  it('are let go of, without a difference to anybody', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (all) => {
        const [tidied, kept] = [new Evaluator(true), new Evaluator(false)]
        for (const one of all) {
          tidied.take(one)
          kept.take(one)
          for (const symbol of SYMBOLS)
            expect(tidied.alerts.ratiosOf(symbol)).to.have.members(kept.alerts.ratiosOf(symbol))
        }
        expect(tidied.ops).to.deep.equal(kept.ops)
        for (const one of [tidied, kept]) {
          one.removeAll()
          const left = [...one.alerts.names()].filter((name) => name.includes('/'))
          expect([one.alerts.size, left]).to.deep.equal([0, []])
        }
      }),
      { numRuns: 300 },
    )
  })
})
