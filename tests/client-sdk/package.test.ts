import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { buildClient, CLIENT } from '../support/built-client.js'

const dist = join(CLIENT, 'dist')
const MOST_BYTES = 20 * 1024

interface Target {
  readonly types: string
  readonly default: string
}

describe('the package harta-client', () => {
  before(async function () {
    this.timeout(60_000)
    await buildClient()
  })

  const text = (name: string): Promise<string> => readFile(join(dist, name), 'utf8')
  /** Runs a line of code as a stranger's program would. */
  const run = async (kind: 'module' | 'commonjs', code: string): Promise<string> => {
    const run = promisify(execFile)(process.execPath, [`--input-type=${kind}`, '-e', code], { cwd: CLIENT })
    return (await run).stdout.trim()
  }

  it('weighs 20 KiB at most with Socket.IO in it', async () => {
    expect(gzipSync(await text('harta.min.js'), { level: 9 }).length).to.be.at.most(MOST_BYTES)
  })

  it('ships no zod and none of the server', async () => {
    for (const name of await readdir(dist)) {
      if (/\.(js|cjs)$/.test(name))
        expect(await text(name), name).not.to.match(/ZodError|from "koa|require\("koa/)
    }
  })

  it('has every file that its exports name', async () => {
    const { exports } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8')) as {
      exports: Record<string, string | { import: Target; require: Target }>
    }
    const targets = Object.values(exports).flatMap((target) =>
      typeof target === 'string'
        ? [target]
        : [target.import, target.require].flatMap((one) => Object.values(one)),
    )
    expect(targets).to.have.length(20)
    for (const target of targets) expect((await readFile(join(CLIENT, target))).length, target).to.be.above(0)
  })

  it('can be imported and required, also where there is no browser', async () => {
    const names = 'typeof createClient, typeof configure, typeof usePortfolio, typeof subscribeToPush'
    const imported = await run(
      'module',
      `import { createClient } from 'harta-client'; import { configure } from 'harta-client/widgets'
       import { subscribeToPush } from 'harta-client/push'
       import { usePortfolio } from 'harta-client/react'; console.log(${names})`,
    )
    const required = await run(
      'commonjs',
      `const { createClient } = require('harta-client'), { configure } = require('harta-client/widgets')
       const { subscribeToPush } = require('harta-client/push')
       const { usePortfolio } = require('harta-client/react'); console.log(${names})`,
    )
    const functions = 'function function function function'
    expect([imported, required]).to.deep.equal([functions, functions])
  })

  it('types its exports without anything of the server left to resolve', async () => {
    for (const name of await readdir(dist)) {
      if (/\.d\.c?ts$/.test(name)) expect(await text(name), name).not.to.match(/from ['"][^'"]*protocol/)
    }
    expect(await text('index.d.ts')).to.contain('createClient')
  })

  it('names the dashboard’s files by their content and loads nothing from elsewhere', async () => {
    const page = await text('dashboard/index.html')
    expect(page).to.match(/assets\/app-[A-Z0-9]{8}\.js/)
    expect(page).to.match(/assets\/style-[A-Z0-9]{8}\.css/)
    expect(page).not.to.match(/https?:|<style|style=|<script>| on\w+=/)
  })
})
