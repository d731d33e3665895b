import { createReadStream, existsSync } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** A frame as an exchange sent it, and when, in ms since the epoch of the recording. */
export interface RecordedFrame {
  readonly atMs: number
  readonly frame: string
}

/** Pause between the frames of a recording without times. */
const UNTIMED_MS = 100

/**
 * The frames that came from the exchange, in their order. Three shapes are told apart by their lines, each plain
 * or gzipped (`.gz`):
 * - `{...}` a frame a line; receive times, if any, beside it in `NAME.recv` (s) or `NAME.recv_ns` (ns)
 * - `1618677817.06 TAB < TAB {...}` a session: `<` came from the exchange, other marks are left out
 * - `1723161253937085768 {...}` receive time in ns, a space, the frame
 * A frame is handed on byte for byte. Throws for a file that cannot be read or a line that fits none.
 */
export async function* readRecording(path: string): AsyncGenerator<RecordedFrame> {
  const times = await siblingTimes(path)
  let index = 0
  for await (const line of lines(path)) {
    if (line === '') continue
    const recorded = parseLine(line, times?.[index] ?? index * UNTIMED_MS)
    if (recorded === undefined) throw new Error(`${path}, line ${index + 1}: not a recorded frame`)
    index += 1
    if (recorded !== null) yield recorded
  }
}

/** Null for a line of a session that did not come from the exchange, undefined for what is no record. */
function parseLine(line: string, atMs: number): RecordedFrame | null | undefined {
  if (line.startsWith('{') || line.startsWith('[')) return { atMs, frame: line }
  const session = /^(\d+(?:\.\d+)?)\t([^\t]*)\t/.exec(line)
  if (session) {
    return session[2] === '<'
      ? { atMs: Number(session[1]) * 1000, frame: line.slice(session[0].length) }
      : null
  }
  const stamped = /^(\d{16,20}) /.exec(line)
  return stamped ? { atMs: Number(stamped[1]) / 1e6, frame: line.slice(stamped[0].length) } : undefined
}

/** Receive times in ms of `NAME.jsonl`, from the file beside it; null when there is none. */
async function siblingTimes(path: string): Promise<number[] | null> {
  const name = path.replace(/\.jsonl(\.gz)?$/, '')
  const units: readonly [string, number][] = [
    ['.recv', 1000],
    ['.recv_ns', 1e-6],
  ]
  const unit = units.find(([ending]) => name !== path && existsSync(name + ending))
  if (!unit) return null
  const times: number[] = []
  for await (const line of lines(name + unit[0])) if (line !== '') times.push(Number(line) * unit[1])
  return times
}

/** Lines parted by "\n" alone: other line ends may stand inside a frame. */
async function* lines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const bytes = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  if (bytes !== file) file.on('error', (error) => bytes.destroy(error))
  bytes.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of bytes) {
      const parts = (rest + String(chunk)).split('\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
    if (rest !== '') yield rest
  } finally {
    file.destroy()
  }
}
