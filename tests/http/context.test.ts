import { expect } from 'chai'
import { addressKey, addressOf } from '../../src/http/context.js'

describe('the address of a client', () => {
  it('is the peer’s when no proxy is trusted, whatever the header says', () => {
    expect(addressOf('6.6.6.6', '198.51.100.1', 0)).to.equal('198.51.100.1')
    expect(addressOf('', '::ffff:198.51.100.1', 0)).to.equal('198.51.100.1')
  })

  it('is counted from the right by the number of proxies', () => {
    expect(addressOf('6.6.6.6, 203.0.113.1', '10.0.0.1', 1)).to.equal('203.0.113.1')
    expect(addressOf('6.6.6.6, 203.0.113.1, 10.0.0.2', '10.0.0.1', 2)).to.equal('203.0.113.1')
    expect(addressOf('203.0.113.1', '10.0.0.1', 5)).to.equal('203.0.113.1')
    expect(addressOf('', '10.0.0.1', 1)).to.equal('10.0.0.1')
  })

  it('loses ports, brackets and zones, and is the peer’s where the header is rubbish', () => {
    expect(addressOf('203.0.113.1:4711', '10.0.0.1', 1)).to.equal('203.0.113.1')
    expect(addressOf('[2001:DB8::1]:443', '10.0.0.1', 1)).to.equal('2001:db8::1')
    expect(addressOf('fe80::1%eth0', '10.0.0.1', 1)).to.equal('fe80::1')
    for (const rubbish of ['unknown', '<script>', '1.2.3', '', ' ', '999.1.1.1']) {
      expect(addressOf(`6.6.6.6,${rubbish}`, '10.0.0.1', 1)).to.equal('10.0.0.1')
    }
  })

  it('is limited by itself as IPv4 and by its /64 as IPv6', () => {
    expect(addressKey('203.0.113.1')).to.equal('203.0.113.1')
    const one = addressKey('2001:db8:1:2::1')
    expect(addressKey('2001:0db8:0001:0002:ffff:ffff:ffff:ffff')).to.equal(one)
    expect(addressKey('2001:db8:1:3::1')).not.to.equal(one)
    expect(addressKey('::1')).to.equal(addressKey('::2'))
    expect(addressKey('2001:db8::1')).to.equal(addressKey('2001:db8:0:0:5::'))
  })
})
