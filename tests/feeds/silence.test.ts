import { expect } from 'chai'
import { Patience } from '../../src/feeds/silence.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

describe('the patience with a silent connection', () => {
  it('is the venue’s own while prices are lively', () => {
    const patience = new Patience(20 * SECOND)
    for (let at = 0; at < 5 * MINUTE; at += 100) patience.news(at)
    expect(patience.ms).to.equal(20 * SECOND)
  })

  it('doubles with each reconnect that brought nothing new, up to half an hour', () => {
    const patience = new Patience(20 * SECOND)
    patience.news(0)
    const waits = Array.from({ length: 9 }, () => {
      patience.gaveUp()
      return patience.ms / SECOND
    })
    expect(waits).to.deep.equal([40, 80, 160, 320, 640, 1280, 1800, 1800, 1800])
    patience.news(SECOND)
    expect(patience.ms).to.equal(20 * SECOND)
  })

  it('leaves symbols in peace that trade every few minutes', () => {
    const patience = new Patience(20 * SECOND)
    let alarms = 0
    for (let news = 0; news < 100; news += 1) {
      const now = news * 5 * MINUTE
      patience.news(now)
      for (let waited = patience.ms; waited < 5 * MINUTE; waited += patience.ms) {
        alarms += 1
        patience.gaveUp()
      }
    }
    expect(alarms).to.be.at.most(4)
  })

  it('returns to the venue’s own some time after a long pause', () => {
    const patience = new Patience(20 * SECOND)
    patience.news(0)
    for (let at = 10 * MINUTE; at < 70 * MINUTE; at += SECOND) patience.news(at)
    expect(patience.ms).to.be.below(40 * SECOND)
  })

  it('does not take the time without a socket for a pause', () => {
    const patience = new Patience(20 * SECOND)
    patience.news(0)
    patience.interrupted()
    patience.news(25 * MINUTE)
    expect(patience.ms).to.equal(20 * SECOND)
  })
})
