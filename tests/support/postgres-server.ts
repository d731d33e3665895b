import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  accessSync,
  chownSync,
  constants,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'

/**
 * A throw-away PostgreSQL server, started from the binaries of this machine. Its databases belong to a role as a
 * managed server gives one out: no superuser, but free to make databases and roles.
 */
export interface PostgresServer {
  /** Makes a database, empty or as a copy of another; `drop` throws everybody out of it. */
  createDatabase(template?: string): Promise<{ name: string; url: string; drop(): Promise<void> }>
  /** Runs one statement as the owner, outside of any transaction. */
  run(sql: string): Promise<void>
  /** Ends it as a crash would, in the midst of everything, and brings it back on the same port. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export const installPostgres = 'apt-get install postgresql'

/** The folder with `initdb` and `postgres`, newest version first; null when this machine has none. */
export function postgresBinaries(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = list(debian).sort((a, b) => Number(b) - Number(a))
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return (
    folders.find((folder) => ['initdb', 'postgres'].every((name) => isExecutable(join(folder, name)))) ?? null
  )
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const entries = readFileSync('/etc/passwd', 'utf8').split('\n')
  const entry = ['postgres', 'nobody']
    .map((name) => entries.find((line) => line.startsWith(`${name}:`)))
    .find(Boolean)
  const [, , uid, gid] = (entry ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid) }
}

/** `keepsCommits`: what was acknowledged is there after a crash of the server, though not of the machine. */
export async function startPostgres({ keepsCommits = false } = {}): Promise<PostgresServer> {
  const binaries = postgresBinaries()
  if (!binaries) throw new Error(`no PostgreSQL server on this machine: ${installPostgres}`)
  const identity = unprivileged()
  const folder = mkdtempSync(join(tmpdir(), 'harta-postgres-'))
  const password = randomBytes(18).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (identity) for (const path of [folder, passwordFile]) chownSync(path, identity.uid, identity.gid)
  const data = join(folder, 'data')
  const initialise = ['-D', data, '-U', 'root', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  execFileSync(join(binaries, 'initdb'), [...initialise, '--no-sync', '-E', 'UTF8', '--locale=C'], {
    ...identity,
    stdio: 'ignore',
    cwd: folder,
  })
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    'fsync=off',
    'full_page_writes=off',
    `synchronous_commit=${keepsCommits ? 'on' : 'off'}`,
  ]
  const launch = (): ChildProcess => {
    const launched = spawn(
      join(binaries, 'postgres'),
      ['-D', data, '-p', String(port), '-k', folder, ...settings.flatMap((setting) => ['-c', setting])],
      { ...identity, stdio: 'ignore', cwd: folder },
    )
    launched.unref() // waits for nobody: it ends with the process
    return launched
  }
  let child = launch()
  const cleanUp = () => {
    child.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', cleanUp)
  const url = (role: string, database: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${port}/${database}`
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGQUIT')
    await gone
  }
  const crash = async () => {
    await end()
    child = launch()
    await untilReady(child, url('root', 'postgres'))
  }
  const stop = async () => {
    process.removeListener('exit', cleanUp)
    await end()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(child, url('root', 'postgres'))
    await execute(
      url('root', 'postgres'),
      `CREATE ROLE harta_owner LOGIN CREATEDB CREATEROLE PASSWORD '${password}'`,
    )
  } catch (error) {
    await stop()
    throw error
  }
  return server((database) => url('harta_owner', database), { crash, stop })
}

function server(
  url: (database: string) => string,
  { crash, stop }: Pick<PostgresServer, 'crash' | 'stop'>,
): PostgresServer {
  let made = 0
  const run = (sql: string) => execute(url('postgres'), sql)
  return {
    run,
    crash,
    stop,
    async createDatabase(template = 'template0') {
      made += 1
      const name = `harta_${made}`
      await run(`CREATE DATABASE ${name} TEMPLATE ${template}`)
      return { name, url: url(name), drop: () => run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
    },
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const connection = await new PrismaPg({ connectionString: url, max: 1 }).connect()
  try {
    await connection.executeRaw({ sql, args: [], argTypes: [] })
  } finally {
    await connection.dispose()
  }
}

async function untilReady(child: ChildProcess, url: string): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    try {
      return await execute(url, 'SELECT 1')
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error
      await wait(50)
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
