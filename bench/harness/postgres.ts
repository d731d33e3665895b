import { execFile, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { sleep } from './house.js'
import { freePort } from './redis.js'

/** What to say where PostgreSQL is missing. */
export const NO_POSTGRES =
  'a PostgreSQL server is missing: apt-get install postgresql (macOS: brew install postgresql)'

const DEBIAN = '/usr/lib/postgresql'
const LONGEST_START_MS = 20_000
/** Nothing that is written here is missed after a crash. */
const SETTINGS = ['listen_addresses=127.0.0.1', 'fsync=off', 'synchronous_commit=off', 'full_page_writes=off']

export function hasPostgres(): boolean {
  return binaries() !== null
}

/** The folder of PostgreSQL's programs, which Debian keeps outside of PATH; the newest version there. */
function binaries(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
  ]
  const isWhole = (folder: string) =>
    ['initdb', 'postgres', 'pg_isready'].every((name) => existsSync(join(folder, name)))
  return folders.find((folder) => folder !== '' && isWhole(folder)) ?? null
}

export interface PostgresServer {
  /** Of an empty database, as its superuser. */
  readonly url: string
  stop(): Promise<void>
}

/** A PostgreSQL server of our own on a free port of loopback, in a folder that goes with it. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = binaries()
  if (programs === null) throw new Error(NO_POSTGRES)
  const folder = mkdtempSync(join(tmpdir(), 'harta-bench-postgres-'))
  const identity = unprivileged()
  const password = randomBytes(18).toString('hex')
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (identity) for (const path of [folder, passwordFile]) chownSync(path, identity.uid, identity.gid)
  const data = join(folder, 'data')
  const options = { ...identity, cwd: folder, stdio: 'ignore' } as const
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'bench', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync', '-E', 'UTF8'],
    options,
  )
  const port = String(await freePort())
  const settings = SETTINGS.flatMap((setting) => ['-c', setting])
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, '-p', port, '-k', folder, ...settings],
    options,
  )
  const forced = () => {
    server.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', forced)
  const stop = async () => {
    process.off('exit', forced)
    if (server.exitCode === null && server.signalCode === null) {
      const gone = once(server, 'exit')
      server.kill('SIGQUIT')
      await gone
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const deadline = performance.now() + LONGEST_START_MS
    while (!(await isReady(join(programs, 'pg_isready'), port))) {
      if (server.exitCode !== null || performance.now() > deadline) throw new Error('postgres did not start')
      await sleep(50)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `postgresql://bench:${password}@127.0.0.1:${port}/postgres`, stop }
}

async function isReady(program: string, port: string): Promise<boolean> {
  return promisify(execFile)(program, ['-h', '127.0.0.1', '-p', port]).then(
    () => true,
    () => false,
  )
}

/** PostgreSQL refuses to run as root: then it runs as its own user, or as nobody. */
function unprivileged(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null
  const users = readFileSync('/etc/passwd', 'utf8').split('\n')
  const user = ['postgres', 'nobody'].flatMap(
    (name) => users.find((line) => line.startsWith(`${name}:`)) ?? [],
  )
  const [, , uid, gid] = (user[0] ?? 'nobody:x:65534:65534').split(':')
  return { uid: Number(uid), gid: Number(gid) }
}
