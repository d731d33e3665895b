import { expect } from 'chai'
import fc from 'fast-check'
import {
  emptyStore,
  type Resume,
  reduce,
  type StoreEvent,
  type StoreState,
} from '../../client-sdk/src/store.js'
import type { ResumeAnswer } from '../../src/protocol/events.js'
import type { Valuation, ValuationUpdate } from '../../src/protocol/resources.js'
import { TestPortfolio } from '../support/test-portfolio.js'

function portfolio(epoch = 'a'): TestPortfolio {
  const server = new TestPortfolio(epoch)
  for (const id of ['x', 'y', 'z']) {
    server.put({ id, type: 'CRYPTO', name: id, symbol: id, quantity: 2n, unitCost: 100n, unitPrice: 100n })
  }
  server.move({})
  return server
}

function play(...events: StoreEvent[]): { state: StoreState; resumes: Resume[] } {
  let state = emptyStore
  const resumes: Resume[] = []
  for (const event of events) {
    const step = reduce(state, event)
    state = step.state
    if (step.resume) resumes.push(step.resume)
  }
  return { state, resumes }
}

const snapshot = (server: TestPortfolio): StoreEvent => ({ kind: 'snapshot', snapshot: server.valuation() })
const update = (server: TestPortfolio, prices: Record<string, bigint>): StoreEvent => ({
  kind: 'update',
  update: server.move(prices),
})

describe('the portfolio store', () => {
  it('merges the update that follows into a whole valuation', () => {
    const server = portfolio()
    const { state, resumes } = play(snapshot(server), update(server, { y: 130n }))
    expect(state.valuation).to.deep.equal(server.valuation())
    expect(state.valuation?.holdings[1]?.value).to.equal('2.60')
    expect(resumes).to.deep.equal([])
  })

  it('keeps the cost until an update names another', () => {
    const server = portfolio()
    const before = play(snapshot(server), update(server, { y: 130n })).state
    expect(before.valuation?.cost).to.equal('6.00')
    const dearer: StoreEvent = { kind: 'update', update: { ...server.move({ y: 131n }), cost: '7.25' } }
    const { state } = reduce(before, dearer)
    expect(state.valuation?.cost).to.equal('7.25')
    expect(state.valuation?.holdings[1]?.value).to.equal('2.62')
  })

  it('ignores what it has seen', () => {
    const server = portfolio()
    const first = snapshot(server)
    const one = update(server, { x: 1n })
    const two = update(server, { x: 2n })
    const { state, resumes } = play(first, one, two, one, two, first)
    expect(state.valuation).to.deep.equal(server.valuation())
    expect(resumes).to.deep.equal([])
  })

  it('asks once at a gap, and shows the last whole state until the answer', () => {
    const server = portfolio()
    const first = snapshot(server)
    const shown = server.valuation()
    server.move({ x: 1n })
    const { state, resumes } = play(first, update(server, { x: 2n }), update(server, { y: 3n }))
    expect(resumes).to.deep.equal([{ ask: 1, epoch: 'a', seq: 1 }])
    expect(state.valuation).to.deep.equal(shown)
    const answered = reduce(state, answer(server, 1))
    expect(answered.state.valuation).to.deep.equal(server.valuation())
    expect(answered.resume).to.equal(null)
  })

  it('asks again when the answer is older than what it heard of while waiting', () => {
    const server = portfolio()
    const first = snapshot(server)
    server.move({ x: 1n })
    const gap = update(server, { x: 2n })
    const late = answer(server, 1)
    const { state, resumes } = play(first, gap, update(server, { y: 3n }), late)
    expect(state.valuation?.seq).to.equal(3)
    expect(resumes.map(({ ask, seq }) => [ask, seq])).to.deep.equal([
      [1, 1],
      [2, 3],
    ])
  })

  it('asks when an update of an unknown epoch comes, also before any snapshot', () => {
    const server = portfolio('b')
    expect(play(update(server, {})).resumes).to.deep.equal([{ ask: 1, epoch: 'b', seq: 0 }])
    const other = play(snapshot(portfolio('a')), update(server, {}))
    expect(other.resumes).to.deep.equal([{ ask: 1, epoch: 'a', seq: 1 }])
  })

  it('starts again from the snapshot of a new epoch', () => {
    const server = portfolio()
    const first = snapshot(server)
    server.renew('b')
    const { state } = play(first, snapshot(server), update(server, { x: 9n }))
    expect(state.valuation).to.deep.equal(server.valuation())
  })

  it('ends the wait when the connection breaks, and takes the next snapshot', () => {
    const server = portfolio()
    const first = snapshot(server)
    server.move({ x: 1n })
    const gap = update(server, { x: 2n })
    const { state } = play(first, gap, { kind: 'disconnected' }, snapshot(server))
    expect(state.valuation).to.deep.equal(server.valuation())
    expect(state.catchingUp).to.equal(null)
  })

  it('shows only states the server had and ends in the last one, however the network misbehaves', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 40 }), fc.infiniteStream(fc.nat(999)), (moves, chance) => {
        const world = new World(chance)
        for (const one of moves) world.step(one)
        world.settle()
        expect(world.client.valuation).to.deep.equal(world.server.valuation())
        expect(world.client.catchingUp).to.equal(null)
        for (const shown of world.shown) {
          expect(world.history.get(`${shown.epoch} ${shown.seq}`)).to.deep.equal(shown)
        }
      }),
      { numRuns: 400 },
    )
  })
})

function answer(server: TestPortfolio, ask: number): StoreEvent {
  return { kind: 'answer', ask, answer: { kind: 'snapshot', snapshot: server.valuation() } }
}

type Move =
  | { readonly kind: 'move'; readonly id: string; readonly price: bigint; readonly copies: number }
  | { readonly kind: 'snapshot' | 'deliver' | 'restart' | 'reconnect' }

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      id: fc.constantFrom('x', 'y', 'z'),
      price: fc.bigInt(1n, 500n),
      copies: fc.nat(2),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('snapshot', 'restart', 'reconnect') }) },
)

/** A server, a client's store, and a network between that drops, doubles and reorders as chance will. */
class World {
  readonly server = portfolio('epoch-0')
  readonly history = new Map<string, Valuation>()
  readonly shown: Valuation[] = []
  client: StoreState = emptyStore
  #flying: StoreEvent[] = []
  #asking: Resume[] = []
  #epochs = 0
  readonly #chance: Iterator<number>

  constructor(chance: Iterable<number>) {
    this.#chance = chance[Symbol.iterator]()
    this.#record()
    this.#take(snapshot(this.server))
  }

  step(one: Move): void {
    if (one.kind === 'move') {
      const update: ValuationUpdate = this.server.move({ [one.id]: one.price })
      this.#record()
      for (let i = 0; i < one.copies; i += 1) this.#flying.push({ kind: 'update', update })
    } else if (one.kind === 'deliver') this.#deliver()
    else if (one.kind === 'snapshot') this.#flying.push(snapshot(this.server))
    else if (one.kind === 'restart') this.#restart()
    else this.#reconnect()
  }

  /** Everything under way arrives, then one more update in good order, then every question is answered. */
  settle(): void {
    while (this.#flying.length + this.#asking.length > 0) this.#deliver()
    const last: ValuationUpdate = this.server.move({ x: 77n })
    this.#record()
    this.#take({ kind: 'update', update: last })
    for (let i = 0; this.#flying.length + this.#asking.length > 0; i += 1) {
      if (i > 20) throw new Error('the client asks without end')
      this.#deliver()
    }
  }

  /** The server answers a question when it gets it; the answer then travels like everything else. */
  #deliver(): void {
    const pick =
      (this.#chance.next().value as number) % Math.max(1, this.#flying.length + this.#asking.length)
    const [question] = this.#asking.splice(pick - this.#flying.length, pick < this.#flying.length ? 0 : 1)
    if (question) this.#flying.push({ kind: 'answer', ask: question.ask, answer: this.#resume(question) })
    else for (const event of this.#flying.splice(pick, 1)) this.#take(event)
  }

  #resume({ epoch, seq }: Resume): ResumeAnswer {
    const valuation = this.server.valuation()
    const current = epoch === valuation.epoch && seq === valuation.seq
    return current ? { kind: 'current' } : { kind: 'snapshot', snapshot: valuation }
  }

  #restart(): void {
    this.#epochs += 1
    this.server.renew(`epoch-${this.#epochs}`)
    this.#record()
  }

  /** What was under way is lost with the old connection; the new one begins with a snapshot. */
  #reconnect(): void {
    this.#flying = []
    this.#asking = []
    this.#take({ kind: 'disconnected' })
    this.#take(snapshot(this.server))
  }

  #take(event: StoreEvent): void {
    const { state, resume } = reduce(this.client, event)
    if (state.valuation && state.valuation !== this.client.valuation) {
      expect(this.client.catchingUp === null || event.kind !== 'update').to.equal(true)
      this.shown.push(state.valuation)
    }
    this.client = state
    if (resume) this.#asking.push(resume)
  }

  #record(): void {
    const valuation = this.server.valuation()
    this.history.set(`${valuation.epoch} ${valuation.seq}`, valuation)
  }
}
