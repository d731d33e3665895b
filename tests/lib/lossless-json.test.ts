import { expect } from 'chai'
import fc from 'fast-check'
import { type LosslessJson, NumberText, parseLossless } from '../../src/lib/lossless-json.js'

/** The same with numbers as JSON.parse gives them. */
function rounded(value: LosslessJson): unknown {
  if (value instanceof NumberText) return Number(value.text)
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, rounded(inner)] as const)
  return Object.fromEntries(entries)
}

describe('lossless JSON', () => {
  it('keeps numbers as they are written', () => {
    const texts = ['0.10000000', '15564437896659189083', '1e-8', '-0.0', '2.276E+05', '0']
    for (const text of texts) expect(parseLossless(` [${text} ] `)).to.deep.equal([new NumberText(text)])
  })

  it('leaves digits inside strings alone', () => {
    const text = '{"a\\"1":"2 \\\\ \\u0033, 4]","b":"\\\\"}'
    expect(parseLossless(text)).to.deep.equal({ 'a"1': '2 \\ 3, 4]', b: '\\' })
  })

  it('is JSON.parse in everything but numbers', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent)
        expect(rounded(parseLossless(spaced))).to.deep.equal(JSON.parse(spaced))
      }),
      { numRuns: 500 },
    )
  })

  it('accepts a text exactly when JSON.parse does', () => {
    const mutated = fc.tuple(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', '"', '\\', '0', '-', ',', '{', ']', '\n', 'e'),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), mutated), (input) => {
        const text = typeof input === 'string' ? input : cut(...input)
        expect(accepts(parseLossless, text), text).to.equal(accepts(JSON.parse, text))
      }),
      { numRuns: 2000 },
    )
  })

  it('takes __proto__ for a key like any other, and the last of equal keys', () => {
    const value = parseLossless('{"__proto__":{"admin":true},"a":"1","a":"2"}') as Record<string, unknown>
    expect(Object.keys(value)).to.deep.equal(['__proto__', 'a'])
    expect(value.admin).to.equal(undefined)
    expect(value.a).to.equal('2')
  })

  it('refuses what is nested or long beyond reason', () => {
    expect(() => parseLossless('['.repeat(100_000))).to.throw(RangeError)
    expect(() => parseLossless(`${'['.repeat(64)}${']'.repeat(64)}`)).not.to.throw()
    expect(() => parseLossless(`"${'x'.repeat(4 * 1024 * 1024)}"`)).to.throw(RangeError)
  })
})

function cut(text: string, at: number, insert: string): string {
  const position = at % (text.length + 1)
  return text.slice(0, position) + insert + text.slice(position + 1)
}

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}
