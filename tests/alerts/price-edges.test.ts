import { expect } from 'chai'
import type { LoadedAlert } from '../../src/alerts/alert-table.js'
import { baselineOf } from '../../src/alerts/baseline.js'
import type { AlertOp } from '../../src/alerts/ops.js'
import { PriceAlerts } from '../../src/alerts/price-alerts.js'
import { ruleOf } from '../../src/alerts/rule.js'
import { newAlert } from '../../src/alerts/schema.js'
import { formatFixed, ONE, parseFixed } from '../../src/lib/decimal.js'
import { versionAt } from '../../src/prices/tick.js'
import { alertOf, idOf } from './alert-model.js'

const START = Date.UTC(2026, 4, 20, 9)

describe('price alerts in memory', () => {
  const walked = (given: Partial<LoadedAlert>, ...path: readonly string[]): readonly string[] => {
    const said: string[] = []
    const alerts = new PriceAlerts({ emit: ({ kind, value }) => said.push(`${kind} ${formatFixed(value)}`) })
    alerts.put(alertOf(given))
    for (const [version, price] of path.entries()) {
      alerts.tick('BTC-USD', parseFixed(price), version + 1, START + version * 1_000)
    }
    return said
  }

  it('count a price exactly on the threshold once, whichever way it goes from there', () => {
    expect(walked({ repeat: 'rearm' }, '99', '100', '101', '100', '99.5')).to.deep.equal(['fire 100'])
    expect(walked({ condition: 'below' }, '101', '100', '99')).to.deep.equal(['fire 100'])
    expect(walked({ condition: 'crosses' }, '99', '100', '99')).to.deep.equal(['fire 100'])
    expect(walked({}, '100', '101', '100', '101')).to.deep.equal([])
  })

  it('arm again exactly where the price is back by the hysteresis, and not a digit before', () => {
    const threshold = parseFixed('100.000000000000000001')
    const above = walked({ threshold, repeat: 'rearm' }, '99', '101', '99.000000000000000001', '99')
    expect(above).to.deep.equal(['fire 101', 'rearm 99'])
    const back = ['101.000000000000000001', '101.000000000000000002']
    const below = walked({ threshold, condition: 'below', repeat: 'rearm' }, '101', '99', ...back)
    expect(below).to.deep.equal(['fire 99', 'rearm 101.000000000000000002'])
  })

  it('are silent for the least interval, and do not tell later what was hit in it', () => {
    const path = ['99', '100', '99', '100', '101', '102']
    const once = ['fire 100', 'rearm 99']
    expect(walked({ repeat: 'rearm', minIntervalSeconds: 2 }, ...path)).to.deep.equal([...once, 'fire 100'])
    expect(walked({ repeat: 'rearm', minIntervalSeconds: 3 }, ...path)).to.deep.equal(once)
    expect(walked({ snoozedUntil: START + 1_001 }, ...path.slice(0, 2), '101', '102')).to.deep.equal([])
  })

  it('hold one that comes late against prices that came and went meanwhile', () => {
    const late = (given: Partial<LoadedAlert>, ...path: readonly string[]): readonly string[] => {
      const said: string[] = []
      const emit = ({ kind, value, version, at }: AlertOp) =>
        said.push(`${kind} ${formatFixed(value)} ${version} ${at - START}`)
      const alerts = new PriceAlerts({ emit })
      for (const [place, price] of path.entries())
        alerts.tick('BTC-USD', parseFixed(price), place + 1, START + place)
      alerts.put(alertOf({ previous: parseFixed('99'), previousVersion: 1, ...given }))
      return said
    }
    const path = ['99', '99.5', '101', '99.8', '98', '99.9']
    expect(late({}, ...path)).to.deep.equal(['fire 101 3 2'])
    expect(late({ repeat: 'rearm' }, ...path)).to.deep.equal(['fire 101 3 2', 'rearm 98 5 4'])
    expect(late({ snoozedUntil: START + 3 }, ...path)).to.deep.equal([])
    expect(late({ previous: parseFixed('101'), previousVersion: 3 }, ...path)).to.deep.equal([])
    expect(late({ previous: null, previousVersion: 2 }, ...path)).to.deep.equal([])
  })

  it('begin with the first ratio there is, also where one of its prices stands since days', () => {
    const input = { kind: 'PRICE', symbol: 'ETH-USD', per: 'BBCA.JK', condition: 'above', threshold: '0.5' }
    const asked = ruleOf(newAlert.parse(input), null)
    const closed = { amount: parseFixed('8000'), version: versionAt(START - 2 * 86_400_000) }
    const quote = (symbol: string) => (symbol === 'BBCA.JK' ? closed : undefined)
    const { version } = baselineOf(asked, { quote, valuation: null, budgets: new Map() }, START)
    const said: string[] = []
    const alerts = new PriceAlerts({ emit: ({ kind, value }) => said.push(`${kind} ${formatFixed(value)}`) })
    const threshold = parseFixed('0.5')
    alerts.put(alertOf({ symbol: 'ETH-USD', per: 'BBCA.JK', threshold, previousVersion: version }))
    for (const [second, ratio] of ['0.4', '0.49', '0.51'].entries()) {
      const at = START + (second + 1) * 1_000
      alerts.tick('ETH-USD/BBCA.JK', parseFixed(ratio), closed.version + versionAt(at), at)
    }
    expect(said).to.deep.equal(['fire 0.51'])
  })

  it('need a move of so many per cent from the last firing on', () => {
    const move = { condition: 'moves', percent: 5n * ONE, windowMinutes: 60 } as const
    const path = ['100', '104.999', '105', ...Array<string>(60).fill('106'), '110.2', '110.25', '104.7']
    expect(walked({ ...move, direction: 'up', repeat: 'rearm' }, ...path)).to.deep.equal([
      'fire 105',
      'rearm 105',
      'fire 110.25',
      'rearm 110.25',
    ])
    expect(walked({ ...move, direction: 'down' }, ...path)).to.deep.equal(['fire 104.7'])
    expect(walked({ ...move, percent: 6n * ONE, direction: 'down' }, ...path)).to.deep.equal([])
  })

  it('find each of thousands that share a few thresholds, put and taken out in any order', () => {
    const fired: string[] = []
    const alerts = new PriceAlerts({ emit: ({ alertId }) => fired.push(alertId) })
    alerts.tick('BTC-USD', parseFixed('50'), 1, START)
    // Steps of a prime through all numbers: an order that is none.
    const order = Array.from({ length: 4_000 }, (_, nth) => (nth * 1_571) % 4_000)
    const of = (nth: number) =>
      alertOf({ id: idOf(nth), threshold: BigInt(100 + (nth % 3)) * ONE, armVersion: 1 })
    for (let first = 0; first < 4_000; first += 160) {
      const batch = order.slice(first, first + 160)
      alerts.putAll(batch.map(of))
      // One in eight is changed in the very batch that it comes with.
      const changed = batch
        .filter((nth) => nth % 8 === 0)
        .flatMap((nth) => [of(nth), { ...of(nth), armVersion: 2 }])
      alerts.putAll(changed)
      if (first % 320 === 0) for (const nth of batch) if (nth % 5 === 0) alerts.remove(idOf(nth))
    }
    for (const nth of order) if (nth % 5 === 0) alerts.remove(idOf(nth))
    const left = order.filter((nth) => nth % 5 !== 0)
    expect(alerts.size).to.equal(left.length)
    alerts.tick('BTC-USD', parseFixed('102'), 2, START)
    expect(fired.toSorted()).to.deep.equal(left.map(idOf).toSorted())
    expect(alerts.size).to.equal(0)
  })

  it('take the later of two readings in one batch', () => {
    const said: string[] = []
    const alerts = new PriceAlerts({
      emit: ({ armVersion, value }) => said.push(`${armVersion} ${value / ONE}`),
    })
    alerts.tick('BTC-USD', parseFixed('50'), 1, START)
    alerts.putAll([alertOf({}), alertOf({ armVersion: 2, threshold: parseFixed('60') }), alertOf({})])
    for (const [place, price] of ['70', '110'].entries()) {
      alerts.tick('BTC-USD', parseFixed(price), place + 2, START)
    }
    expect(said).to.deep.equal(['2 70'])
  })

  it('tell which prices came past a mark, for these must not be forgotten', () => {
    const alerts = new PriceAlerts({ emit: () => {} })
    alerts.put(alertOf({ previous: parseFixed('120'), previousVersion: 1 }))
    const past = (price: string, version: number): string[] => {
      alerts.tick('BTC-USD', parseFixed(price), version, START)
      return [...alerts.pastMarks().keys()]
    }
    expect(past('110', 2)).to.deep.equal(['BTC-USD'])
    expect(past('115', 3)).to.deep.equal([])
    expect(past('90', 4)).to.deep.equal(['BTC-USD'])
    expect(past('95', 5)).to.deep.equal([])
    expect(alerts.dirtyMarks().get('BTC-USD')?.version).to.equal(5)
    alerts.put(alertOf({ id: idOf(2), threshold: parseFixed('92'), previous: null, previousVersion: null }))
    expect([...alerts.pastMarks().keys()]).to.deep.equal(['BTC-USD'])
  })

  it('forget all of a name with it, and name the ratios that a symbol moves', () => {
    const fired: string[] = []
    const alerts = new PriceAlerts({ emit: ({ alertId }) => fired.push(alertId) })
    alerts.putAll([alertOf({ per: 'ETH-USD' }), alertOf({ id: idOf(2), symbol: 'ETH-USD' })])
    expect(alerts.ratiosOf('ETH-USD')).to.deep.equal(['BTC-USD/ETH-USD'])
    expect(alerts.ratiosOf('BTC-USD')).to.deep.equal(['BTC-USD/ETH-USD'])
    alerts.tick('BTC-USD/ETH-USD', parseFixed('90'), 1, START)
    alerts.tick('SOL-USD', parseFixed('90'), 1, START)
    expect([...alerts.dirtyMarks().keys()]).to.deep.equal(['BTC-USD/ETH-USD'])
    alerts.forget('BTC-USD/ETH-USD')
    expect(alerts.ratiosOf('ETH-USD')).to.deep.equal([])
    expect(alerts.size).to.equal(1)
    expect([...alerts.names()]).to.deep.equal(['ETH-USD', 'SOL-USD'])
    alerts.put(alertOf({ per: 'ETH-USD', previous: parseFixed('99'), previousVersion: 2 }))
    alerts.tick('BTC-USD/ETH-USD', parseFixed('110'), 3, START)
    expect(fired).to.deep.equal([idOf(1)])
    expect(alerts.ratiosOf('ETH-USD')).to.deep.equal([])
  })
})
