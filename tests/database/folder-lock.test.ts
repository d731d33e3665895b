import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { lockFolder } from '../../src/database/folder-lock.js'
import { AppError } from '../../src/lib/errors.js'
import { bundled } from '../support/bundled.js'

describe('the lock of a folder', () => {
  let folder: string
  const children: ChildProcess[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'harta-lock-'))
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await rm(folder, { recursive: true })
  })

  it('is held once, also by another name of the folder, and can be taken again when given back', async () => {
    const alias = `${folder}-alias`
    await symlink(folder, alias)
    try {
      const unlock = await lockFolder(folder)
      expect(await refusal(lockFolder(folder))).to.match(/this very process/)
      expect(await refusal(lockFolder(alias))).to.match(/this very process/)
      await unlock()
      await (await lockFolder(alias))()
      expect(await readdir(folder)).to.deep.equal([])
    } finally {
      await rm(alias)
    }
  })

  it('is refused while its holder runs, and taken over when that was killed', async () => {
    const child = await holder()
    expect(await refusal(lockFolder(folder))).to.match(new RegExp(`in use by process ${child.pid};`))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await (await lockFolder(folder))()
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('is got by one of several processes that find a stale one', async () => {
    await writeFile(join(folder, 'lock'), JSON.stringify({ pid: 2 ** 22 - 1, began: '1', host: hostname() }))
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => outcomeOf(start())))
    expect(outcomes.sort()).to.deep.equal(['held', 'refused', 'refused', 'refused'])
  })

  it('is stale when its process id was given to a process that began at another time', async () => {
    const child = await holder()
    await writeFile(
      join(folder, 'lock'),
      JSON.stringify({ pid: child.pid, began: 'earlier', host: hostname() }),
    )
    await (await lockFolder(folder))()
  })

  it('of another machine counts for as long as it is touched', async () => {
    const file = join(folder, 'lock')
    await writeFile(file, JSON.stringify({ pid: 1, began: '1', host: 'elsewhere' }))
    expect(await refusal(lockFolder(folder))).to.match(/process 1 on elsewhere/)
    const longAgo = new Date(Date.now() - 61_000)
    await utimes(file, longAgo, longAgo)
    await (await lockFolder(folder))()
  })

  it('is stale when it is unreadable', async () => {
    for (const content of ['', '{', 'null', '{"pid":"1"}']) {
      await writeFile(join(folder, 'lock'), content)
      await (await lockFolder(folder))()
    }
  })

  function start(): ChildProcess {
    const script = bundled(new URL('../support/lock-holder.ts', import.meta.url))
    const child = spawn(process.execPath, [script, folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }

  async function holder(): Promise<ChildProcess> {
    const child = start()
    expect(await outcomeOf(child)).to.equal('held')
    return child
  }
})

async function outcomeOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the child has no output')
  const [line] = await once(child.stdout, 'data')
  return String(line).trim()
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error('expected the folder to be refused')
  expect(error.code).to.equal('data-dir-in-use')
  return error.message
}
