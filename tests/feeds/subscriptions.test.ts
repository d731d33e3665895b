import { expect } from 'chai'
import fc from 'fast-check'
import { Subscriptions } from '../../src/feeds/subscriptions.js'
import { binance } from '../../src/feeds/venues/binance.js'

const VENUE = { ...binance, limits: { ...binance.limits, symbolsPerMessage: 3 } }

interface Message {
  readonly method: string
  readonly params: readonly string[]
  readonly id: number
}

function next(subscriptions: Subscriptions, now = 0): Message | null {
  const message = subscriptions.next(now)
  return message === null ? null : (JSON.parse(message) as Message)
}

describe('the subscriptions of a socket', () => {
  it('do not take the answer to an older request for the answer to this one', () => {
    const subscriptions = new Subscriptions(VENUE)
    subscriptions.want(new Set(['A']))
    subscriptions.acknowledged(null, next(subscriptions)?.id ?? 0)
    subscriptions.want(new Set(['B', 'C', 'D', 'E']))
    const drop = next(subscriptions)
    const add = next(subscriptions)
    expect([drop?.method, add?.method]).to.deep.equal(['UNSUBSCRIBE', 'SUBSCRIBE'])
    subscriptions.acknowledged(null, drop?.id ?? 0)
    expect(next(subscriptions), 'still waiting').to.equal(null)
    expect(subscriptions.refused(null, drop?.id ?? 0), 'not of this request').to.deep.equal([])
    subscriptions.acknowledged(null, add?.id ?? 0)
    expect(next(subscriptions)?.params).to.deep.equal(['e@miniTicker'])
  })

  it('send nothing for a wish that was taken back in time', () => {
    const subscriptions = new Subscriptions(VENUE)
    subscriptions.want(new Set(['A', 'B']))
    subscriptions.want(new Set())
    expect(next(subscriptions)).to.equal(null)
    expect(subscriptions.settled).to.equal(true)
  })

  it('keep quiet for five seconds when the venue is overrun, then ask again', () => {
    const subscriptions = new Subscriptions(VENUE)
    subscriptions.want(new Set(['A']))
    const asked = next(subscriptions, 1_000)
    subscriptions.throttled(1_000)
    expect(next(subscriptions, 5_999)).to.equal(null)
    expect(next(subscriptions, 6_000)?.params).to.deep.equal(asked?.params)
  })

  it('ask again for the others when the one symbol that failed their request is named', () => {
    const subscriptions = new Subscriptions(VENUE)
    subscriptions.want(new Set(['A', 'B', 'C']))
    const id = next(subscriptions)?.id ?? 0
    expect(subscriptions.refused(['B'], id)).to.deep.equal(['B'])
    expect(subscriptions.refused(null, id)).to.deep.equal([])
    subscriptions.want(new Set(['A', 'C']))
    const again = next(subscriptions)
    expect(again?.params).to.deep.equal(['a@miniTicker', 'c@miniTicker'])
    expect(subscriptions.refused(['Z'], again?.id ?? 0), 'never asked for').to.deep.equal([])
    subscriptions.refused(null, again?.id ?? 0)
    expect(next(subscriptions)?.params).to.deep.equal(['a@miniTicker'])
  })

  it('make no more requests in an hour than the venue takes, and are never held for long', () => {
    const subscriptions = new Subscriptions({ ...VENUE, limits: { ...VENUE.limits, requestsPerHour: 480 } })
    const madeAt: number[] = []
    for (let now = 0; now < 3 * 3_600_000; now += 500) {
      subscriptions.want(new Set([String(now)]))
      const message = next(subscriptions, now)
      if (message === null) continue
      madeAt.push(now)
      if (message.method === 'SUBSCRIBE') subscriptions.acknowledged(null, message.id)
    }
    for (const [index, at] of madeAt.entries()) {
      expect((madeAt[index + 480] ?? Number.POSITIVE_INFINITY) - at).to.be.at.least(3_600_000)
      if (index > 0) expect(at - (madeAt[index - 1] ?? 0)).to.be.at.most(15_500)
    }
    expect(madeAt).to.have.length.above(900)
  })

  it('come to what is wanted and served, whatever was wished on the way', () => {
    const letters = [...'ABCDEFGH']
    const wish = fc.uniqueArray(fc.constantFrom(...letters))
    fc.assert(
      fc.property(
        fc.array(wish, { minLength: 1 }),
        fc.uniqueArray(fc.constantFrom(...letters)),
        fc.boolean(),
        (wishes, unknown, names) => {
          const subscriptions = new Subscriptions(VENUE)
          const held = new Set<string>()
          const refused = new Set<string>()
          let wanted: string[] = []
          const want = () => subscriptions.want(new Set(wanted.filter((symbol) => !refused.has(symbol))))
          const talk = (message: Message | null) => {
            const symbols = message?.params.map((stream) => stream.charAt(0).toUpperCase()) ?? []
            if (message?.method === 'UNSUBSCRIBE') for (const symbol of symbols) held.delete(symbol)
            else if (symbols.some((symbol) => unknown.includes(symbol))) {
              const id = message?.id ?? 0
              const culprit = symbols.filter((symbol) => unknown.includes(symbol)).slice(0, 1)
              if (names) for (const symbol of subscriptions.refused(culprit, id)) refused.add(symbol)
              for (const symbol of subscriptions.refused(null, id)) refused.add(symbol)
              want()
            } else if (message) {
              for (const symbol of symbols) held.add(symbol)
              subscriptions.acknowledged(null, message.id)
            }
            return message !== null
          }
          for (wanted of wishes) {
            want()
            talk(next(subscriptions))
          }
          while (talk(next(subscriptions)));
          const served = wanted.filter((symbol) => !unknown.includes(symbol))
          expect([...held].sort()).to.deep.equal(served.sort())
          expect(subscriptions.settled).to.equal(true)
          for (const symbol of refused) expect(unknown).to.include(symbol)
        },
      ),
    )
  })
})
