import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core'
import type { Session } from '../../src/protocol/resources.js'
import { buildClient } from './built-client.js'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The line that a skipped test shows. */
export const BROWSER_INSTALL = 'needs Chromium: apt-get install chromium'

type StorageState = NonNullable<BrowserContextOptions['storageState']>

/** Path of an installed Chromium, or null. */
export function findBrowser(path = process.env.PATH ?? ''): string | null {
  for (const folder of path.split(delimiter)) {
    for (const name of NAMES) {
      const file = join(folder, name)
      try {
        accessSync(file, constants.X_OK)
        return file
      } catch {
        // Not here: look on.
      }
    }
  }
  return null
}

/** A browser with an empty profile that asks nobody for anything. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A process for each page takes longer to start than a page.
      '--renderer-process-limit=1',
    ],
  })
}

/** What a browser remembers of somebody who is signed in at the dashboard of this server. */
export function signedInState(url: string, session: Session): Exclude<StorageState, string> {
  const value = JSON.stringify({ ...session, gotAt: Date.now() })
  const localStorage = [{ name: `harta:session:${url}`, value }]
  return { cookies: [], origins: [{ origin: url, localStorage }] }
}

/**
 * One browser for the suite that calls this, with client-sdk/dist built as it is now; without a Chromium the
 * suite is skipped. The answer gives the browser once the suite runs.
 */
export function browserOfSuite(): () => Browser {
  let browser: Browser | null = null
  before(async function () {
    this.timeout(90_000)
    const executable = findBrowser()
    if (executable === null) return this.skip()
    await buildClient()
    browser = await openBrowser(executable)
  })
  after(async () => {
    await browser?.close()
  })
  return () => {
    if (browser === null) throw new Error('the browser opens when the suite begins')
    return browser
  }
}
