// Takes docs/dashboard.png: starts the demo on a free port with a data folder of its own, signs in as its user and
// waits until the line has something to show. Run it as: node --import=tsx scripts/screenshot.mjs [file] [seconds]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BROWSER_INSTALL, findBrowser, openBrowser } from '../tests/support/browser.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [file = join(root, 'docs/dashboard.png'), seconds = '40'] = process.argv.slice(2)

const executable = findBrowser()
if (executable === null) {
  console.error(`The screenshot ${BROWSER_INSTALL}`)
  process.exit(1)
}

/** Resolves with the dashboard's address once the demo prints it. */
async function addressOf(demo) {
  for await (const line of createInterface({ input: demo.stdout })) {
    const found = /dashboard\s+(http\S+)/.exec(line)
    if (found) return found[1]
  }
  throw new Error('The demo ended without an address.')
}

async function take(url) {
  const browser = await openBrowser(executable)
  try {
    const page = await browser.newPage({
      viewport: { width: 1280, height: 800 },
      deviceScaleFactor: 1.5,
      colorScheme: 'light',
      locale: 'en-GB',
    })
    await page.goto(url)
    await page.locator('.demo:not([hidden])').waitFor()
    await page.locator('button[type=submit]').click()
    await page.locator('.stage canvas').waitFor()
    await page.waitForTimeout(Number(seconds) * 1_000)
    await page.mouse.move(0, 0)
    await mkdir(dirname(file), { recursive: true })
    await page.screenshot({ path: file, fullPage: true })
  } finally {
    await browser.close()
  }
}

const folder = await mkdtemp(join(tmpdir(), 'harta-screenshot-'))
const demo = spawn(process.execPath, [join(root, 'scripts/harta.mjs'), 'demo'], {
  cwd: root,
  env: { ...process.env, PORT: '0', DATA_DIR: folder },
  stdio: ['ignore', 'pipe', 'inherit'],
})
try {
  const url = await addressOf(demo)
  demo.stdout.resume()
  await take(url)
  console.log(`${file} taken`)
} finally {
  demo.kill('SIGTERM')
  if (demo.exitCode === null) await once(demo, 'exit')
  await rm(folder, { recursive: true, force: true })
}
