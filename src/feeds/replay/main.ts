/** `npm run replay -- --venue binance --file FRAMES.jsonl`: serves recorded frames as that exchange would. */
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SIDES, type SideName } from '../exchange-side/server.js'
import { startReplay } from './replay.js'

const USAGE = `npm run replay -- --venue VENUE --file FILE [--speed N|max] [--port P] [--loop]

  --venue   ${Object.keys(SIDES).join(', ')}
  --file    recorded frames: .jsonl (with .recv or .recv_ns beside it), session .tsv, "ns frame" lines; also .gz
  --speed   divides the recorded pauses (default 1); max sends as fast as the socket takes them
  --port    of 127.0.0.1 (default 0: a free one)
  --loop    begins again after the last frame`

const VALUE = { type: 'string' } as const

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { venue: VALUE, file: VALUE, speed: VALUE, port: VALUE, loop: { type: 'boolean' } },
  })
  const venue = Object.keys(SIDES).find((name): name is SideName => name === values.venue)
  if (!venue) throw new Error(`--venue must be one of ${Object.keys(SIDES).join(', ')}`)
  if (!values.file) throw new Error('--file is missing')
  if (!existsSync(values.file)) throw new Error(`--file ${values.file} does not exist`)
  const speed = values.speed === 'max' ? 'max' : Number(values.speed ?? 1)
  if (speed !== 'max' && !(speed > 0)) throw new Error('--speed must be a number above 0, or max')
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error('--port must be 0 to 65535')

  const replay = await startReplay({ venue, file: values.file, speed, port, loop: values.loop ?? false })
  let stopped = false
  const stop = () => {
    stopped = true
    void replay.close()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  console.log(`${venue} replay on ${replay.url} (FEED_${venue.toUpperCase()}_URL=${replay.url})`)
  await replay.finished
  if (!stopped) console.log(`${replay.sent} frames sent; the socket stays open (Ctrl+C ends)`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(1)
})
