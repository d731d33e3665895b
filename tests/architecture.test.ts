import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import ts from 'typescript'

/** Which room may import which: the table of ARCHITECTURE.md, which this test keeps true. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  protocol: [],
  generated: [],
  database: ['lib', 'generated'],
  http: ['lib', 'protocol', 'database'],
  instruments: ['lib', 'protocol', 'database', 'http'],
  accounts: ['lib', 'protocol', 'database', 'http'],
  prices: ['lib', 'protocol', 'database', 'http', 'instruments'],
  feeds: ['lib', 'instruments', 'prices'],
  assets: ['lib', 'protocol', 'database', 'http', 'instruments', 'prices'],
  cashflow: ['lib', 'protocol', 'database', 'http', 'prices', 'assets'],
  goals: ['lib', 'protocol', 'database', 'http', 'prices'],
  valuation: ['lib', 'protocol', 'database', 'http', 'instruments', 'prices', 'assets'],
  insights: ['lib', 'protocol', 'database', 'http', 'instruments', 'prices', 'assets', 'cashflow'],
  portability: [
    'lib',
    'protocol',
    'database',
    'http',
    'instruments',
    'prices',
    'assets',
    'cashflow',
    'goals',
    'alerts',
    'notifications',
  ],
  notifications: ['lib', 'protocol', 'database', 'http'],
  delivery: ['lib', 'protocol', 'database', 'http', 'notifications'],
  alerts: [
    'lib',
    'protocol',
    'database',
    'http',
    'instruments',
    'prices',
    'assets',
    'cashflow',
    'goals',
    'valuation',
    'notifications',
  ],
  gateway: ['lib', 'protocol', 'valuation'],
  admin: ['lib', 'protocol', 'http', 'prices'],
}

/** Libraries that belong behind certain doors. */
const LIBRARIES: readonly { readonly names: RegExp; readonly through: RegExp }[] = [
  { names: /^(koa|@koa\/.*|koa-jwt|koa-helmet)$/, through: /^(http\/|app\/|.*[/-]routes\.ts$)/ },
  { names: /^socket\.io$/, through: /^(gateway|app)\// },
  { names: /^ws$/, through: /^feeds\// },
  { names: /^ioredis$/, through: /^((prices|notifications)\/[^/]+-redis\.ts$|app\/)/ },
  {
    names: /^(@prisma\/.*|pglite-prisma-adapter|@electric-sql\/pglite.*)$/,
    through: /^(database|app|generated)\//,
  },
  {
    names: /^zod$/,
    through: /^(.*[/-](schema|routes)\.ts|http\/|feeds\/|gateway\/|app\/config\.ts)/,
  },
  { names: /^decimal\.js$/, through: /^lib\/decimal\.ts$/ },
  { names: /^bcrypt$/, through: /^accounts\// },
]

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'src')
const MOST_LINES = 400

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

describe('architecture', () => {
  const files = filesIn(source).filter((file) => !file.startsWith('generated/'))
  const imports = files.flatMap((file) =>
    importsOf(join(source, file)).map((found) => ({ ...found, from: file })),
  )
  const own = imports.filter(({ to }) => to.startsWith('.')).map((found) => ({ ...found, to: target(found) }))

  it('has no room that imports a room it may not', () => {
    const wrong = own.filter(({ from, to }) => {
      const [here = '', there = ''] = [roomOf(from), roomOf(to)]
      if (here === there || there === 'generated' || here === 'app' || from === 'main.ts') return false
      return !ROOMS[here]?.includes(there)
    })
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })

  it('knows every room', () => {
    const rooms = new Set(files.map(roomOf).filter((room) => room !== 'main.ts' && room !== 'app'))
    expect([...rooms].filter((room) => !(room in ROOMS))).to.deep.equal([])
  })

  it('lets libraries in through their doors alone', () => {
    const wrong = imports
      .filter(({ to }) => !to.startsWith('.') && !to.startsWith('node:'))
      .filter(({ from, to, typeOnly }) =>
        LIBRARIES.some(
          ({ names, through }) => names.test(to) && !through.test(from) && !(typeOnly && to === 'koa'),
        ),
      )
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })

  it('reads rows in stores, and in the database room, alone', () => {
    const wrong = own.filter(
      ({ from, to }) =>
        to.startsWith('generated/') && !/(^|\/)store\.ts$/.test(from) && !/^(database|app)\//.test(from),
    )
    expect(wrong.map(({ from, to }) => `${from} -> ${to}`)).to.deep.equal([])
  })

  it('reads the environment in one file', () => {
    const reading = files.filter((file) => readFileSync(join(source, file), 'utf8').includes('process.env'))
    expect(reading).to.deep.equal(['app/config.ts'])
  })

  it('has no circle of imports', () => {
    const graph = new Map<string, string[]>()
    for (const { from, to, typeOnly } of own) if (!typeOnly) graph.set(from, [...(graph.get(from) ?? []), to])
    expect(circles(graph)).to.deep.equal([])
  })

  it('ships nothing to browsers but the SDK and the words that both sides share', () => {
    const client = join(root, 'client-sdk')
    const wrong = filesIn(client)
      .filter((file) => /\.tsx?$/.test(file))
      .flatMap((file) =>
        importsOf(join(client, file)).map(({ to }) => ({
          file,
          to: relative(root, resolve(client, dirname(file), to)),
          raw: to,
        })),
      )
      .filter(
        ({ to, raw }) =>
          raw.startsWith('.') && !to.startsWith('client-sdk') && !to.startsWith('src/protocol'),
      )
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).to.deep.equal([])
  })

  it('has no file that is too long to read', () => {
    const long = [...files.map((file) => join('src', file)), ...sdkFiles()].filter(
      (file) => readFileSync(join(root, file), 'utf8').split('\n').length > MOST_LINES,
    )
    expect(long).to.deep.equal([])
  })

  it('tells of every room in ARCHITECTURE.md', () => {
    const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8')
    for (const [room, allowed] of Object.entries(ROOMS)) {
      if (room === 'generated') continue
      const row = text.split('\n').find((line) => line.startsWith(`| ${room} |`))
      expect(row, `a row for ${room}`).to.be.a('string')
      const told = (row?.split('|')[2] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== 'nothing')
      expect(told.sort(), room).to.deep.equal(allowed.filter((name) => name !== 'generated').sort())
    }
  })
})

function sdkFiles(): string[] {
  return ['client-sdk/src', 'client-sdk/dashboard'].flatMap((folder) =>
    filesIn(join(root, folder))
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => join(folder, file)),
  )
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|css)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
    .sort()
}

function importsOf(file: string): Omit<Import, 'from'>[] {
  const tree = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023)
  const found: Omit<Import, 'from'>[] = []
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      const to = (node.moduleSpecifier as ts.StringLiteral).text
      const typeOnly = ts.isImportDeclaration(node)
        ? node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : node.isTypeOnly
      found.push({ to, typeOnly })
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument && ts.isStringLiteral(argument)) found.push({ to: argument.text, typeOnly: false })
    }
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

function target({ from, to }: Import): string {
  return relative(source, resolve(source, dirname(from), to))
    .replaceAll('\\', '/')
    .replace(/\.js$/, '.ts')
}

function roomOf(file: string): string {
  return file.split('/')[0] ?? ''
}

/** Each circle once, as the files that it goes through. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>()
  const done = new Set<string>()
  const walk = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.add([...path.slice(start)].sort().join(' '))
    else if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) walk(next, [...path, file])
      done.add(file)
    }
  }
  for (const file of graph.keys()) walk(file, [])
  return [...found]
}
