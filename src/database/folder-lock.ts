import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../lib/errors.js'

const held = new Set<string>()

/**
 * Takes a folder for this process; the returned function gives it back. The lock is a file with the holder's
 * process id, made by `link`, which fails when it is there already. A holder that no longer runs has left it
 * behind: the file is moved aside, so that of two takers only one can have moved it, and the rest try again.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'lock')
  const mine = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  await writeFile(mine, (await describe(process.pid)) ?? '', { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      if (await claim(mine, file)) {
        held.add(file)
        return async () => {
          held.delete(file)
          await rm(file, { force: true })
        }
      }
      await clearIfStale(file)
    }
  } finally {
    await rm(mine, { force: true })
  }
  throw inUse(folder, null)
}

async function claim(mine: string, file: string): Promise<boolean> {
  try {
    await link(mine, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function clearIfStale(file: string): Promise<void> {
  const content = await readFile(file, 'utf8').catch(() => null)
  if (content === null) return
  const pid = Number.parseInt(content, 10)
  if (held.has(file) || (pid !== process.pid && (await describe(pid)) === content))
    throw inUse(join(file, '..'), pid)
  const aside = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`
  const moved = await rename(file, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  const taken = await readFile(aside, 'utf8').catch(() => content)
  // Between reading and moving somebody else took the folder: put that lock back.
  if (taken !== content) await link(aside, file).catch(() => {})
  await rm(aside, { force: true })
}

/**
 * Process id and, where the system tells it, the instant that process began: after a restart of the machine the
 * same id may be another program's.
 */
async function describe(pid: number): Promise<string | null> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  const began = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 'unknown'
  return `${pid} ${began}\n`
}

function inUse(folder: string, pid: number | null): AppError {
  const holder = pid === null ? 'another process' : `process ${pid}`
  return new AppError(
    'conflict',
    'data-dir-in-use',
    `the database in ${folder} is in use by ${holder}; stop that one first, or give this one another DATA_DIR`,
  )
}
