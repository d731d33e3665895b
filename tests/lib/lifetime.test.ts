import { expect } from 'chai'
import { Lifetime, openAll } from '../../src/lib/lifetime.js'

describe('a lifetime', () => {
  it('closes last in first out, one after the other', async () => {
    const life = new Lifetime()
    const order: string[] = []
    for (const name of ['database', 'wire', 'server']) {
      life.add(name, async (thing) => {
        order.push(`${thing} closes`)
        await Promise.resolve()
        order.push(`${thing} closed`)
      })
    }
    await life.close()
    expect(order).to.deep.equal([
      'server closes',
      'server closed',
      'wire closes',
      'wire closed',
      'database closes',
      'database closed',
    ])
  })

  it('closes everything although some of it fails, and tells every failure', async () => {
    const life = new Lifetime()
    const closed: string[] = []
    life.add('a', (thing) => closed.push(thing))
    life.add('b', () => Promise.reject(new Error('b would not')))
    life.add('c', (thing) => closed.push(thing))
    life.add('d', () => {
      throw new Error('d would not')
    })
    const failure: unknown = await life.close().catch((error: unknown) => error)
    expect(closed).to.deep.equal(['c', 'a'])
    expect(failure).to.be.instanceOf(AggregateError)
    expect((failure as AggregateError).errors.map(String)).to.deep.equal([
      'Error: d would not',
      'Error: b would not',
    ])
  })

  it('tells a single failure as it is', async () => {
    const life = new Lifetime()
    const error = new Error('would not')
    life.add('a', () => Promise.reject(error))
    expect(await life.close().catch((caught: unknown) => caught)).to.equal(error)
  })

  it('closes once, however often it is asked, and takes nothing more', async () => {
    const life = new Lifetime()
    let times = 0
    life.add('a', () => {
      times += 1
    })
    await Promise.all([life.close(), life.close()])
    await life.close()
    expect(times).to.equal(1)
    expect(() => life.add('b', () => {})).to.throw('ended')
  })

  it('closes what was opened when opening fails half-way, and tells why it failed', async () => {
    const closed: string[] = []
    const error = new Error('port in use')
    const failed = openAll(async (life) => {
      life.add('database', (thing) => closed.push(thing))
      life.add('wire', () => Promise.reject(new Error('and this one too')))
      throw error
    })
    expect(await failed.catch((caught: unknown) => caught)).to.equal(error)
    expect(closed).to.deep.equal(['database'])
  })

  it('hands over what was built, to be closed later', async () => {
    const closed: string[] = []
    const { value, life } = await openAll(async (inner) => inner.add('server', (thing) => closed.push(thing)))
    expect(value).to.equal('server')
    expect(closed).to.deep.equal([])
    await life.close()
    expect(closed).to.deep.equal(['server'])
  })
})
