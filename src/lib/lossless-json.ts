/**
 * JSON with numbers kept as their source text. `JSON.parse` rounds `15564437896659189083` and drops the zeros
 * of `0.10000000` without a word; a price or an id that is a JSON number must be read from what was written.
 * Everything else is as `JSON.parse` gives it: the same grammar, the last of equal keys wins, `__proto__` is a
 * key like any other.
 */
export class NumberText {
  constructor(readonly text: string) {}
}

export type LosslessJson =
  | null
  | boolean
  | string
  | NumberText
  | readonly LosslessJson[]
  | { readonly [key: string]: LosslessJson }

const MAX_DEPTH = 64
const MAX_LENGTH = 4 * 1024 * 1024

/** Throws a SyntaxError for what is not JSON, a RangeError for more than 4 Mi characters or 64 levels. */
export function parseLossless(text: string): LosslessJson {
  if (text.length > MAX_LENGTH) throw new RangeError('JSON text too long')
  return new Parser(text).document()
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\n\r]*/y

class Parser {
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): LosslessJson {
    const value = this.#value()
    this.#space()
    if (this.#at !== this.#text.length) this.#fail()
    return value
  }

  #value(): LosslessJson {
    this.#space()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object())
      case '[':
        return this.#nested(() => this.#array())
      case '"':
        return this.#string()
      case 't':
        return this.#word('true', true)
      case 'f':
        return this.#word('false', false)
      case 'n':
        return this.#word('null', null)
      default:
        return this.#number()
    }
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new RangeError('JSON nested too deeply')
    this.#at += 1
    const value = read()
    this.#depth -= 1
    return value
  }

  #object(): { readonly [key: string]: LosslessJson } {
    const result: Record<string, LosslessJson> = {}
    if (this.#takes('}')) return result
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') this.#fail()
      const key = this.#string()
      if (!this.#takes(':')) this.#fail()
      const value = this.#value()
      if (key === '__proto__') {
        Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true })
      } else result[key] = value
    } while (this.#takes(','))
    if (!this.#takes('}')) this.#fail()
    return result
  }

  #array(): readonly LosslessJson[] {
    const result: LosslessJson[] = []
    if (this.#takes(']')) return result
    do result.push(this.#value())
    while (this.#takes(','))
    if (!this.#takes(']')) this.#fail()
    return result
  }

  /** Escapes and control characters are left to JSON.parse, which knows which of them are legal. */
  #string(): string {
    const start = this.#at
    let end = this.#text.indexOf('"', start + 1)
    while (end !== -1 && this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1)
    if (end === -1) this.#fail()
    this.#at = end + 1
    return JSON.parse(this.#text.slice(start, end + 1))
  }

  #isEscaped(quote: number): boolean {
    let before = quote - 1
    while (this.#text[before] === '\\') before -= 1
    return (quote - before) % 2 === 0
  }

  #number(): NumberText {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    if (!found) return this.#fail()
    this.#at = NUMBER.lastIndex
    return new NumberText(found[0])
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    return value
  }

  #takes(mark: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== mark) return false
    this.#at += 1
    return true
  }

  #space(): void {
    SPACE.lastIndex = this.#at
    SPACE.exec(this.#text)
    this.#at = SPACE.lastIndex
  }

  #fail(): never {
    throw new SyntaxError(`unexpected JSON at position ${this.#at}`)
  }
}
