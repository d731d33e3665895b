import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundled, SHORT_LIVED } from '../support/bundled.js'
import { until } from '../support/until.js'

const MAIN = new URL('../../src/main.ts', import.meta.url)

/** The program as an operator starts it, with nothing in its environment but what is given. */
export interface Program {
  readonly child: ChildProcess
  /** Everything that it wrote so far. */
  readonly output: () => string
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>
}

export function startProgram(
  command: string,
  env: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Program {
  const child = spawn(process.execPath, [SHORT_LIVED, bundled(MAIN), command, ...words], {
    env: { PATH: process.env.PATH ?? '', LOG_LEVEL: 'warn', BCRYPT_COST: '4', SOURCES: 'none', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (output += String(part)))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return { child, output: () => output, ended }
}

/** The address that it greets with; fails with its output when it ends instead. */
export async function addressOf(program: Program): Promise<string> {
  const address = (): string | undefined => /dashboard\s+(http:\/\/\S+?)\/\s/.exec(program.output())?.[1]
  await until(
    'the greeting',
    () => {
      if (program.child.exitCode !== null) throw new Error(program.output())
      return address() !== undefined
    },
    30_000,
  )
  return address() ?? ''
}
