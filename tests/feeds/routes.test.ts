import { expect } from 'chai'
import fc from 'fast-check'
import { chooseStandby, independence, type Quotation, type Route, routesOf } from '../../src/feeds/routes.js'
import { parsePair } from '../../src/instruments/symbol.js'

/** Routes of a pair where each venue quotes the pairs that are listed for it. */
function routes(symbol: string, listed: Readonly<Record<string, string>>): readonly Route[] {
  const pair = parsePair(symbol)
  if (!pair) throw new Error(`${symbol} is no pair`)
  return routesOf(pair, Object.keys(listed), (venue, { base, quote }) => {
    const name = `${base}-${quote}`
    return listed[venue]?.split(' ').includes(name) ? { venue, pair: name, name: base + quote } : null
  })
}

const sources = (found: readonly Route[]) => found.map((route) => route.source)

describe('the routes of an instrument', () => {
  it('are direct ones in the order of the venues, then those over a stablecoin', () => {
    const found = routes('BTC-USD', {
      coinbase: 'BTC-USD',
      binance: 'BTC-USDT BTC-USDC',
      kraken: 'BTC-USD BTC-USDT USDT-USD USDC-USD',
    })
    expect(sources(found)).to.deep.equal([
      'coinbase',
      'kraken',
      'binance:BTC-USDT*kraken:USDT-USD',
      'kraken:BTC-USDT*kraken:USDT-USD',
      'binance:BTC-USDC*kraken:USDC-USD',
    ])
    const bridge = { venue: 'kraken', pair: 'USDT-USD', name: 'USDTUSD' }
    expect(found[2]).to.deep.include({ bridge })
    expect(found[0]).to.deep.include({ bridge: null })
  })

  it('lead over a stablecoin into any currency that it is quoted in', () => {
    expect(sources(routes('SOL-IDR', { binance: 'SOL-USDT', indodax: 'USDT-IDR' }))).to.deep.equal([
      'binance:SOL-USDT*indodax:USDT-IDR',
    ])
  })

  it('never take a stablecoin for its fiat, nor make rates between the currencies of states', () => {
    const listed = { binance: 'BTC-USDT USDT-IDR USD-USDT EUR-USDT USDC-USDT', kraken: 'USDT-USD' }
    expect(sources(routes('USDT-USD', listed))).to.deep.equal(['kraken'])
    expect(sources(routes('USD-IDR', listed))).to.deep.equal([])
    expect(sources(routes('EUR-USD', listed))).to.deep.equal([])
    expect(sources(routes('BTC-USDC', listed))).to.deep.equal([])
  })
})

describe('the standby', () => {
  const BTC = routes('BTC-USD', {
    coinbase: 'BTC-USD USDT-USD',
    kraken: 'BTC-USD USDT-USD',
    binance: 'BTC-USDT',
  })
  const [coinbase, kraken, overCoinbase, overKraken] = BTC as [Route, Route, Route, Route]
  const up = () => false

  it('is the best route that outlives the active one', () => {
    expect(chooseStandby(BTC, coinbase, null, up)).to.equal(kraken)
    const withoutKraken = [coinbase, overCoinbase, overKraken]
    expect(chooseStandby(withoutKraken, coinbase, null, up)).to.equal(overKraken)
    expect(chooseStandby([coinbase, overCoinbase], coinbase, null, up)).to.equal(null)
    expect(chooseStandby([overCoinbase, overKraken], overCoinbase, null, up)).to.equal(overKraken)
  })

  it('is a better route than the active one while there is one that may come back', () => {
    expect(chooseStandby(BTC, kraken, null, up)).to.equal(coinbase)
    expect(chooseStandby(BTC, kraken, null, (route) => route === coinbase)).to.equal(overCoinbase)
  })

  it('stays the one that it is when another would do no better', () => {
    expect(chooseStandby(BTC, coinbase, overKraken, up)).to.equal(overKraken)
    expect(chooseStandby(BTC, coinbase, kraken, (route) => route === kraken)).to.equal(overKraken)
    expect(chooseStandby(BTC, coinbase, kraken, () => true)).to.equal(kraken)
  })

  it('is never the active route, and never one that dies with it', () => {
    const venue = fc.constantFrom('a', 'b', 'c')
    const quotation = (pair: string) => venue.map((id): Quotation => ({ venue: id, pair, name: pair }))
    const route = fc.oneof(
      quotation('X-USD').map((coin): Route => ({ source: coin.venue, coin, bridge: null })),
      fc.tuple(quotation('X-USDT'), quotation('USDT-USD')).map(
        ([coin, bridge]): Route => ({
          source: `${coin.venue}:X-USDT*${bridge.venue}:USDT-USD`,
          coin,
          bridge,
        }),
      ),
    )
    const several = fc.uniqueArray(route, { minLength: 1, maxLength: 8, selector: ({ source }) => source })
    fc.assert(
      fc.property(several, fc.nat(), fc.func(fc.boolean()), (all, index, down) => {
        const rank = index % all.length
        const active = all[rank] as Route
        const chosen = chooseStandby(all, active, null, (one) => down(one.source))
        if (chosen === null) return
        expect(chosen).to.not.equal(active)
        expect(down(chosen.source)).to.equal(false)
        if (all.indexOf(chosen) > rank) expect(independence(chosen, active)).to.be.above(0)
      }),
    )
  })
})
