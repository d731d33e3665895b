import { expect } from 'chai'
import { coinbase } from '../../../src/feeds/venues/coinbase.js'
import { kraken } from '../../../src/feeds/venues/kraken.js'

/** An object that no conversion to text accepts. */
const NO_TEXT = '{"toString":1,"valueOf":1}'

describe('a frame with an object where a word belongs', () => {
  for (const frame of [
    `{"type":"error","message":${NO_TEXT},"reason":${NO_TEXT}}`,
    `{"type":"subscriptions","channels":[{"name":${NO_TEXT}}]}`,
  ]) {
    it(`is read by Coinbase without throwing: ${frame.slice(0, 22)}...`, () => {
      expect(['refused', 'acknowledged']).to.include(coinbase.read(frame).kind)
    })
  }

  it('is read by Kraken without throwing', () => {
    const frame = `{"method":"subscribe","success":false,"symbol":"BTC/USD","error":${NO_TEXT},"req_id":1}`
    expect(kraken.read(frame)).to.deep.equal({ kind: 'refused', symbols: ['BTC/USD'], id: 1, reason: '' })
  })
})
