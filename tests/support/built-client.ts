import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const CLIENT = join(ROOT, 'client-sdk')

let building: Promise<unknown> | null = null

/** Builds client-sdk/dist as it is now; what `npm test` has built already is left as it is. */
export async function buildClient(): Promise<void> {
  building ??= promisify(execFile)(process.execPath, [join(ROOT, 'scripts', 'harta.mjs'), 'build'])
  await building
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** What a page may load, as strict as the server has it. */
export const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

/** Serves a folder; `extra` are paths made up on the spot. */
export function serveFolder(
  folder: string,
  extra: Readonly<Record<string, string>> = {},
): (path: string, response: ServerResponse) => void {
  return (path, response) => {
    const name = normalize(path === '/' ? '/index.html' : path)
    const found = extra[name] === undefined ? readFile(join(folder, name)) : Promise.resolve(extra[name])
    found.then(
      (content) => {
        const type = TYPES[extname(name)] ?? 'application/json'
        response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY })
        response.end(content)
      },
      () => {
        response.writeHead(404)
        response.end()
      },
    )
  }
}
