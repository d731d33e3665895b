import { expect } from 'chai'
import fc from 'fast-check'
import { figuresOf } from '../../src/alerts/figures.js'
import { alertWords, budgetWords, goalWords, type PriceFacts, waitingWords } from '../../src/alerts/words.js'
import { formatFixed } from '../../src/lib/decimal.js'
import type { Words } from '../../src/notifications/news.js'

const reader = (locale: string) => ({ locale, timeZone: 'UTC', baseCurrency: 'USD' })
const price = (facts: Partial<PriceFacts>, locale = 'en-US'): Words =>
  alertWords({
    ...{ kind: 'PRICE', condition: 'above', symbol: 'BTC-USD', per: null, windowMinutes: null },
    ...{ value: '60000', from: null, threshold: '60000', percent: null, currency: 'USD', note: null },
    ...facts,
  })(reader(locale))

describe('words', () => {
  it('write amounts to the last digit of what was asked for, however long they are', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 38n - 1n }).map((units) => formatFixed(units))
    fc.assert(
      fc.property(amount, (text) => {
        const written = figuresOf('en').amount(text, null, text)
        expect(written.replaceAll(',', '')).to.equal(text)
      }),
    )
  })

  it('keep as many digits as tell a small price apart, and none behind a whole one', () => {
    const { amount } = figuresOf('en')
    expect(amount('60000', 'USD')).to.equal('$60,000')
    expect(amount('60000.5', 'USD')).to.equal('$60,000.50')
    expect(amount('0.000012345678', 'USD')).to.equal('$0.000012346')
    expect(amount('1500', 'USDT')).to.equal('1,500 USDT')
    expect(amount('12.5', 'ZAc')).to.equal('12.50 ZAc')
  })

  it('say which way a price went through its mark', () => {
    const facts = { condition: 'crosses', value: '59900', from: '60100' } as const
    expect(price(facts)).to.deep.equal({
      title: 'BTC-USD fell to $59,900',
      body: 'It came from $60,100 and reached your mark of $60,000.',
    })
    expect(price({ ...facts, value: '60200', from: '59000' }, 'id').title).to.equal(
      'BTC-USD naik ke US$60.200',
    )
    const ratio = {
      per: 'ETH-USD',
      currency: null,
      value: '19.99912345',
      threshold: '20',
      condition: 'below',
    } as const
    expect(price(ratio).title).to.equal('BTC-USD / ETH-USD fell to 19.999')
  })

  it('say how far and within which time it moved', () => {
    const facts = {
      condition: 'moves',
      percent: '5',
      windowMinutes: 60,
      value: '90',
      from: '100',
      threshold: null,
    } as const
    expect(price(facts)).to.deep.equal({
      title: 'BTC-USD down 10% in 1 hour',
      body: 'It went from $100 to $90. You asked about moves of 5%.',
    })
    expect(price({ ...facts, windowMinutes: 15 }, 'id-ID').title).to.equal('BTC-USD turun 10% dalam 15 menit')
  })

  it('tell of totals, goals and budgets, names cut to what a telephone shows', () => {
    const total = { kind: 'PORTFOLIO', threshold: null, currency: 'USD', note: null } as const
    const day = {
      ...total,
      condition: 'dayChange',
      percent: '3',
      value: '96.8',
      from: '100',
      change: '-3.2',
    } as const
    expect(alertWords(day)(reader('en')).title).to.equal('Portfolio down 3.2% today')
    const high = { ...total, condition: 'newHigh', percent: null, value: '120', from: '119.5' } as const
    expect(alertWords(high)(reader('id')).title).to.equal('Rekor baru portofolio: US$120')
    const goal = { kind: 'reached', name: 'x'.repeat(80), percent: 100 } as const
    expect(goalWords(goal)(reader('en')).title).to.equal(`${'x'.repeat(39)}…: goal reached`)
    const pace = { projectedDate: '2027-04-01', deadline: '2027-01-02', currency: 'EUR' } as const
    const saving = { requiredPerMonth: '100', actualPerMonth: '50.5' }
    const behind = goalWords({ kind: 'behindPace', name: 'Boat', percent: null, ...pace, ...saving })
    expect(behind(reader('id')).body).to.match(/1 April 2027; tenggatnya 2 Januari 2027\. .*€50,50.*€100\.$/)
    const food = {
      category: 'Food',
      percent: 80,
      spent: '81.5',
      amount: '100',
      currency: 'EUR',
      month: '2026-11',
    }
    expect(budgetWords(food)(reader('en'))).to.deep.equal({
      title: 'Food: 80% of the budget spent',
      body: 'You have spent €81.50 of €100 in November 2026.',
    })
    expect(budgetWords({ ...food, percent: 100 })(reader('id')).title).to.equal('Food: anggaran habis')
  })

  it('name at most three holdings that keep alerts waiting', () => {
    const said = (count: number, locale = 'en') =>
      waitingWords(['Luna', 'Terra', 'Celsius', 'FTX', 'Nokia'].slice(0, count))(reader(locale)).body
    expect(said(1))
      .to.contain('rate for Luna for a day')
      .and.to.contain('Give it a price by hand, or close it.')
    expect(said(2)).to.contain('for Luna and Terra for')
    expect(said(3)).to.contain('for Luna, Terra and Celsius for')
    expect(said(5)).to.contain('for Luna, Terra, Celsius and 2 more for').and.to.contain('or close them.')
    expect(said(5, 'id')).to.contain('untuk Luna, Terra, Celsius dan 2 lainnya.')
  })
})
