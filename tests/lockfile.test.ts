import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

interface Entry {
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = fileURLToPath(new URL('..', import.meta.url))
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Readonly<Record<string, Entry>>
}

describe('package-lock.json', () => {
  it('names no address, so that every registry and mirror will do', () => {
    const addresses = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved?.includes('://') ? [resolved] : [],
    )
    expect(addresses).to.deep.equal([])
  })

  it('holds the builds for every platform, or `npm ci` would refuse it', () => {
    const names = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)))
    const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !names.has(name))
        .map((name) => `${path} -> ${name}`),
    )
    expect(missing).to.deep.equal([])
  })
})
