import { expect } from 'chai'
import { inTurn } from '../../src/insights/turns.js'

const LARGE = 5_000

/** Work that goes on until it is told to end. */
function works() {
  const begun: string[] = []
  const ends: (() => void)[] = []
  return {
    begun,
    endFirst: () => ends.shift()?.(),
    begin: (userId: string, size = LARGE) =>
      inTurn(userId, size, () => {
        begun.push(userId)
        return new Promise<void>((end) => ends.push(end))
      }),
  }
}

const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('large questions', () => {
  it('of one user wait for each other, and hold up neither small ones nor other users', async () => {
    const { begun, begin, endFirst } = works()
    const asked = [begin('a'), begin('a'), begin('a'), begin('b'), begin('a', 10)]
    expect(begun).to.deep.equal(['a', 'b', 'a'])
    for (let answered = 0; answered < asked.length; answered += 1) {
      endFirst()
      await settle()
    }
    await Promise.all(asked)
    expect(begun).to.deep.equal(['a', 'b', 'a', 'a', 'a'])
  })

  it('of many users are worked on a few at once, in order, whatever becomes of one', async () => {
    const { begun, begin, endFirst } = works()
    const failing = inTurn('x', LARGE, () => Promise.reject(new Error('it failed'))).catch(() => {})
    const users = [...'abcdefghijkl']
    const asked = users.map((user) => begin(user))
    expect(begun).to.deep.equal(users.slice(0, 7))
    await failing
    await settle()
    expect(begun).to.deep.equal(users.slice(0, 8))
    for (let answered = 0; answered < asked.length; answered += 1) {
      endFirst()
      await settle()
    }
    await Promise.all(asked)
    expect(begun).to.deep.equal(users)
  })

  it('of one user are refused when too many wait', async () => {
    const { begun, begin, endFirst } = works()
    const asked = Array.from({ length: 21 }, () => begin('a'))
    const refused = await begin('a').catch((error: { code?: string }) => error.code)
    expect(refused).to.equal('too-many-at-once')
    for (let answered = 0; answered < asked.length; answered += 1) {
      endFirst()
      await settle()
    }
    await Promise.all(asked)
    expect(begun).to.have.length(21)
  })
})
