import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../src/feeds/replay/recording.js'

/** The folder of recorded frames; without it the tests that read them are skipped by name. */
export const FEEDS = process.env.HARTA_FEEDS ?? null
export const WITHOUT_FEEDS = FEEDS ? '' : ' (skipped: set HARTA_FEEDS to the folder of recorded frames)'

export interface RecordedLine {
  readonly file: string
  readonly frame: string
  /** The row of `singles.sources.tsv` that tells what a one-off capture is; null for whole channels. */
  readonly label: { readonly channel: string; readonly market: string; readonly kind: string } | null
}

/** What a test of a venue's recordings adds to its title where there are none, and is skipped for. */
export function withoutFrames(folder: string, kind: 'frames' | 'sessions' = 'frames'): string {
  if (FEEDS && existsSync(join(FEEDS, kind, folder))) return ''
  return FEEDS ? ` (skipped: HARTA_FEEDS holds no ${kind}/${folder})` : WITHOUT_FEEDS
}

/** Every recorded frame of a venue's folder. */
export function recordedLines(folder: string): RecordedLine[] {
  const root = join(FEEDS ?? '', 'frames', folder)
  const labels = labelsOf(join(root, 'singles.sources.tsv'))
  return readdirSync(root)
    .filter((file) => file.endsWith('.jsonl'))
    .flatMap((file) =>
      splitLines(join(root, file)).map((frame, index) => ({
        file: `${file}:${index + 1}`,
        frame,
        label: file === 'singles.jsonl' ? (labels.get(index + 1) ?? null) : null,
      })),
    )
}

/** Every frame that came in a venue's recorded sessions. */
export async function sessionFrames(folder: string): Promise<string[]> {
  const root = join(FEEDS ?? '', 'sessions', folder)
  const frames: string[] = []
  for (const file of readdirSync(root)) {
    for await (const { frame } of readRecording(join(root, file))) frames.push(frame)
  }
  return frames
}

/** Every frame that is recorded of a venue, one-off captures and whole sessions alike; none where there are none. */
export async function recordedFrames(folder: string): Promise<string[]> {
  const lines = withoutFrames(folder) ? [] : recordedLines(folder).map(({ frame }) => frame)
  return withoutFrames(folder, 'sessions') ? lines : [...lines, ...(await sessionFrames(folder))]
}

function labelsOf(path: string): Map<number, NonNullable<RecordedLine['label']>> {
  if (!existsSync(path)) return new Map()
  const rows = splitLines(path).slice(1)
  return new Map(
    rows.map((row) => {
      const [line, channel = '', market = '', kind = ''] = row.split('\t')
      return [Number(line), { channel, market, kind }]
    }),
  )
}

function splitLines(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}
