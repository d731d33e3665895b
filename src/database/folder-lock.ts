import { randomUUID } from 'node:crypto'
import { link, readFile, realpath, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { AppError } from '../lib/errors.js'

/** Locks of this very process, which no file can tell from those of a predecessor with the same process id. */
const held = new Set<string>()

/** How often a holder touches its lock, and how long an untouched one of another machine counts. */
const TOUCH_MS = 15_000
const SILENT_MS = 60_000

/** How long clearing away a stale lock may take before the clearing itself counts as left behind. */
const CLEARING_MS = 10_000

/**
 * Takes a folder for this process; the returned function gives it back. The lock is a file that names its holder,
 * made by `link`, which fails when there is one already. A holder that no longer runs has left its lock behind.
 * Clearing that away takes a lock of its own: without it, of two that found the stale lock, the slower would
 * clear away the new one of the faster.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(await realpath(folder), 'lock')
  if (held.has(file)) throw inUse(folder, 'this very process')
  held.add(file)
  const mine = `${file}.${randomUUID()}`
  try {
    await writeFile(mine, JSON.stringify(await holderOf(process.pid)), { mode: 0o600 })
    await take(folder, file, mine)
  } catch (error) {
    held.delete(file)
    throw error
  } finally {
    await rm(mine, { force: true })
  }
  const touching = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), TOUCH_MS)
  touching.unref()
  return async () => {
    clearInterval(touching)
    await rm(file, { force: true })
    held.delete(file)
  }
}

async function take(folder: string, file: string, mine: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    if (await claim(mine, file)) return
    const content = await readOrNull(file)
    if (content === null) continue
    const living = await livingHolder(file, content)
    if (living) throw inUse(folder, living)
    if (!(await clearAway(file, content, mine))) await wait(50)
  }
  throw inUse(folder, 'others that want it too')
}

/** Removes a lock that was left behind; false when somebody else is about it. */
async function clearAway(file: string, stale: string, mine: string): Promise<boolean> {
  const clearing = `${file}.clearing`
  if (!(await claim(mine, clearing))) {
    const made = await stat(clearing).catch(() => null)
    if (made && Date.now() - made.mtimeMs > CLEARING_MS) await rm(clearing, { force: true })
    return false
  }
  try {
    if ((await readOrNull(file)) === stale) await rm(file, { force: true })
    return true
  } finally {
    await rm(clearing, { force: true })
  }
}

function readOrNull(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null)
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

interface Holder {
  readonly pid: number
  /** When the process began, as far as the system tells: an id is given out again after a while. */
  readonly began: string
  readonly host: string
}

/** Null when no such process runs on this machine. */
async function holderOf(pid: number): Promise<Holder | null> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 22 of proc(5), counted from behind the name in parentheses, which may contain anything.
  const began = status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  return { pid, began, host: hostname() }
}

/** Words for whoever holds the lock; null when it was left behind. */
async function livingHolder(file: string, content: string): Promise<string | null> {
  const holder = parseHolder(content)
  if (!holder) return null
  if (holder.host !== hostname()) {
    const touched = await stat(file).catch(() => null)
    const silent = touched === null || Date.now() - touched.mtimeMs > SILENT_MS
    return silent ? null : `process ${holder.pid} on ${holder.host} (if that has just ended, wait a minute)`
  }
  if (holder.pid === process.pid) return null
  const now = await holderOf(holder.pid)
  return now?.began === holder.began ? `process ${holder.pid}` : null
}

function parseHolder(content: string): Holder | null {
  try {
    const { pid, began, host } = JSON.parse(content) as Partial<Holder>
    if (!Number.isSafeInteger(pid) || typeof began !== 'string' || typeof host !== 'string') return null
    return { pid: Number(pid), began, host }
  } catch {
    return null
  }
}

function inUse(folder: string, holder: string): AppError {
  return new AppError(
    'conflict',
    'data-dir-in-use',
    `the database in ${folder} is in use by ${holder}; stop that one, or give this one another DATA_DIR`,
  )
}
