import { expect } from 'chai'
import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import {
  divideFixed,
  divideHalfEven,
  formatFixed,
  formatScaled,
  isDecimalText,
  multiplyFixed,
  ONE,
  parseFixed,
  plainDecimal,
  powerOfTen,
  quotientText,
  rescale,
  toMoney,
} from '../../src/lib/decimal.js'

// Wide enough that the model itself never rounds.
const Model = Decimal.clone({
  precision: 400,
  rounding: Decimal.ROUND_HALF_EVEN,
  toExpNeg: -500,
  toExpPos: 500,
})

const LARGEST = 10n ** 38n - 1n
const fixed = fc.oneof(
  fc.bigInt({ min: -LARGEST, max: LARGEST }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
)
const model = (value: bigint, scale = 18) => new Model(value.toString()).div(new Model(10).pow(scale))
/** The model's number as an integer at this scale, half to even. */
const atScale = (number: Decimal, scale: number) =>
  BigInt(number.mul(new Model(10).pow(scale)).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).toFixed(0))

describe('decimal text', () => {
  it('is read and written as decimal.js does, without exponent and without zeros at the end', () => {
    fc.assert(
      fc.property(fixed, (value) => {
        const text = formatFixed(value)
        expect(text).to.equal(model(value).toFixed())
        expect(parseFixed(text)).to.equal(value)
        expect(isDecimalText(text)).to.equal(true)
        expect(formatScaled(value, 18)).to.equal(model(value).toFixed(18))
      }),
    )
  })

  it('reads every way of writing the same number', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 20n - 1n), fc.stringMatching(/^\d{1,18}$/), (whole, behind) => {
        const text = `${whole}.${behind}`
        expect(parseFixed(text)).to.equal(atScale(new Model(text), 18))
        expect(parseFixed(`-${text}`)).to.equal(-parseFixed(text))
      }),
    )
  })

  it('holds twenty digits before the point and eighteen behind it, and not one more', () => {
    const widest = `${'9'.repeat(20)}.${'9'.repeat(18)}`
    expect(formatFixed(parseFixed(widest))).to.equal(widest)
    expect(formatFixed(parseFixed(`-${widest}`))).to.equal(`-${widest}`)
    for (const text of [`1${'0'.repeat(20)}`, `0.${'0'.repeat(18)}1`, '9'.repeat(21)]) {
      expect(isDecimalText(text), text).to.equal(false)
      expect(() => parseFixed(text), text).to.throw(RangeError)
    }
    expect(formatFixed(parseFixed('90167212325906.127894561247896232'))).to.equal(
      '90167212325906.127894561247896232',
    )
  })

  it('refuses whatever is written in another way', () => {
    const hostile =
      '|0x10|1_000|Infinity|-Infinity|NaN|1e1000000|1e5|1E5| 1|1 |1\n|\t1|１|٣|1.|.5|+1|--1|-|01|00|-01|1,5|1 000|0b1|1n|1.2.3|null|true|[1]|\u00001|1\u0000'
    for (const text of hostile.split('|')) {
      expect(isDecimalText(text), JSON.stringify(text)).to.equal(false)
      expect(() => parseFixed(text), JSON.stringify(text)).to.throw(RangeError)
    }
  })

  it('never writes a negative zero', () => {
    expect(parseFixed('-0')).to.equal(0n)
    expect(formatFixed(parseFixed('-0.000'))).to.equal('0')
    expect(plainDecimal('-0')).to.equal('0')
    expect(plainDecimal('-0.0e5')).to.equal('0')
    expect(toMoney(-4n, 3, 2)).to.equal('0.00')
    expect(formatScaled(rescale(-5n, 1, 0), 0)).to.equal('0')
  })
})

describe('exact arithmetic', () => {
  it('multiplies the very small with the very large exactly', () => {
    const product = multiplyFixed(parseFixed('0.0000000123'), parseFixed('1000000000000000'))
    expect(formatFixed(product)).to.equal('12300000')
    expect(toMoney(parseFixed('0.0000000123') * parseFixed('1000000000000000'), 36, 2)).to.equal(
      '12300000.00',
    )
  })

  it('multiplies, divides and rescales like decimal.js, rounding half to even once', () => {
    fc.assert(
      fc.property(fixed, fixed, fc.nat(60), fc.nat(60), (a, b, from, to) => {
        expect(multiplyFixed(a, b)).to.equal(atScale(model(a).mul(model(b)), 18))
        if (b !== 0n) {
          const exact = new Model(a.toString())
          const quotient = exact.mul('1e18').div(b.toString()).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN)
          expect(divideFixed(a, b)).to.equal(BigInt(quotient.toFixed(0)))
        }
        expect(rescale(a, from, to)).to.equal(atScale(model(a, from), to))
      }),
    )
  })

  it('rounds halves to the even neighbour, on both sides of zero and for negative divisors', () => {
    const cases: readonly [bigint, bigint, bigint][] = [
      [5n, 10n, 0n],
      [15n, 10n, 2n],
      [25n, 10n, 2n],
      [-5n, 10n, 0n],
      [-15n, 10n, -2n],
      [-25n, 10n, -2n],
      [5n, -10n, 0n],
      [15n, -10n, -2n],
      [-25n, -10n, 2n],
      [26n, 10n, 3n],
      [-26n, 10n, -3n],
      [24n, 10n, 2n],
    ]
    for (const [a, b, quotient] of cases) expect(divideHalfEven(a, b), `${a}/${b}`).to.equal(quotient)
    expect(() => divideHalfEven(1n, 0n)).to.throw(RangeError)
    expect(() => divideFixed(ONE, 0n)).to.throw(RangeError)
  })

  it('writes money with exactly the digits of its currency', () => {
    fc.assert(
      fc.property(fixed, fc.constantFrom(0, 2, 3, 8), (value, digits) => {
        const rounded = model(value).toDecimalPlaces(digits, Decimal.ROUND_HALF_EVEN)
        const text = toMoney(value, 18, digits)
        expect(text).to.equal(rounded.isZero() ? new Model(0).toFixed(digits) : rounded.toFixed(digits))
      }),
    )
    expect(toMoney(parseFixed('2.675'), 18, 2)).to.equal('2.68')
    expect(toMoney(parseFixed('2.665'), 18, 2)).to.equal('2.66')
    expect(toMoney(parseFixed('0.5'), 18, 0)).to.equal('0')
  })

  describe('as text', () => {
    const huge = 10n ** 90n
    const any = fc.oneof(
      fixed,
      fc.bigInt({ min: -huge, max: huge }),
      // Around 2^43 units of 10^-8 to 10^0 at scale 18 to 54, where doubles stop being asked.
      fc.tuple(fc.bigInt({ min: -(2n ** 44n), max: 2n ** 44n }), fc.nat(54)).map(([units, zeros]) => {
        return units * 10n ** BigInt(zeros)
      }),
    )
    const digitCount = fc.nat(8)
    /** Next to nothing beside a unit, or nothing at all, on either side. */
    const tiny = fc.oneof(fc.bigInt(-3n, 3n), fc.bigInt(-(10n ** 12n), 10n ** 12n))
    const units = fc.oneof(
      fc.bigInt(-1_000n, 1_000n),
      fc.bigInt(-(2n ** 44n), 2n ** 44n),
      fc.bigInt(-huge, huge),
    )
    const slowMoney = (value: bigint, scale: number, digits: number) =>
      formatScaled(rescale(value, scale, digits), digits)
    const slowQuotient = (above: bigint, below: bigint, digits: number) =>
      formatScaled(divideHalfEven(above * powerOfTen(digits), below), digits)

    it('is what exact rounding makes of any amount, and of any quotient', () => {
      fc.assert(
        fc.property(any, any, digitCount, fc.nat(46), (value, other, digits, lost) => {
          const scale = digits + lost
          expect(toMoney(value, scale, digits)).to.equal(slowMoney(value, scale, digits))
          if (other !== 0n) {
            expect(quotientText(value, other, digits)).to.equal(slowQuotient(value, other, digits))
          }
        }),
        { numRuns: 2_000 },
      )
    })

    it('is rounded half to even at ties, and as it is due just beside them', () => {
      fc.assert(
        fc.property(units, tiny, digitCount, fc.integer({ min: 1, max: 46 }), (whole, off, digits, lost) => {
          const value = whole * powerOfTen(lost) + 5n * powerOfTen(lost - 1) + off
          const scale = digits + lost
          expect(toMoney(value, scale, digits)).to.equal(slowMoney(value, scale, digits))
        }),
        { numRuns: 2_000 },
      )
      fc.assert(
        fc.property(units, tiny, digitCount, any, (whole, off, digits, divisor) => {
          const below = divisor === 0n ? 7n : divisor
          // above / below = (whole + 1/2) * 10^-digits, but for what is lost where this is no whole number.
          const above = ((2n * whole + 1n) * below) / (2n * powerOfTen(digits)) + off
          expect(quotientText(above, below, digits)).to.equal(slowQuotient(above, below, digits))
          const even = below * 2n * powerOfTen(digits)
          const tie = (2n * whole + 1n) * below
          expect(quotientText(tie, even, digits)).to.equal(slowQuotient(tie, even, digits))
        }),
        { numRuns: 2_000 },
      )
    })

    it('refuses to divide by zero', () => {
      expect(() => quotientText(1n, 0n, 4)).to.throw(RangeError)
      expect(() => quotientText(0n, 0n, 4)).to.throw(RangeError)
    })
  })

  it('knows the powers of ten that it needs, and says so of others', () => {
    expect(powerOfTen(0)).to.equal(1n)
    expect(powerOfTen(119)).to.equal(10n ** 119n)
    for (const exponent of [-1, 120, 1.5, Number.NaN]) {
      expect(() => powerOfTen(exponent)).to.throw(RangeError)
    }
  })
})

describe('numbers as JSON writes them', () => {
  it('become the plain text that decimal.js gives them, or nothing when they have too many digits', () => {
    const number = fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.oneof(fc.constant('0'), fc.stringMatching(/^[1-9]\d{0,24}$/)),
        fc.oneof(fc.constant(''), fc.stringMatching(/^\.\d{1,24}$/)),
        fc.oneof(
          fc.constant(''),
          fc.integer({ min: -90, max: 90 }).map((n) => `e${n}`),
          fc.constant('E+5'),
        ),
      )
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(number, (text) => {
        const plain = new Model(text).toFixed()
        const known = plain === '-0' ? '0' : plain
        expect(plainDecimal(text), text).to.equal(isDecimalText(known) ? known : null)
      }),
      { numRuns: 1000 },
    )
  })

  it('are read with their exponents and refused without mercy otherwise', () => {
    expect(plainDecimal('1.5e-7')).to.equal('0.00000015')
    expect(plainDecimal('1e19')).to.equal('10000000000000000000')
    expect(plainDecimal('1e20')).to.equal(null)
    expect(plainDecimal('0e9999')).to.equal('0')
    expect(plainDecimal('1e-18')).to.equal('0.000000000000000001')
    expect(plainDecimal('1e-19')).to.equal(null)
    expect(plainDecimal('0.10000000')).to.equal('0.1')
    for (const text of [
      '',
      '1e1000000',
      '0x10',
      'Infinity',
      'NaN',
      '1_0',
      ' 1',
      '１',
      '.5',
      '1.',
      '1e',
      '1e99999',
    ]) {
      expect(plainDecimal(text), text).to.equal(null)
    }
  })
})
