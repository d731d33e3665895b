import type { HartaClient, HartaError } from '../src/index.js'
import { type PushState, pushState, subscribeToPush, unsubscribeFromPush } from '../src/push/index.js'
import { fill } from './alert-words.js'
import { h } from './dom.js'
import { explain } from './failure.js'
import { preferences } from './preferences.js'
import { toldWords } from './told-words.js'
import type { Frame } from './top.js'

const KEY = 'harta:push'
/** Signing out waits no longer than this for a device to be let go. */
const PATIENCE_MS = 3_000

/** Whether this device is woken, and the button that changes it. */
export function pushPart({ harta, words }: Pick<Frame, 'harta' | 'words'>): HTMLElement {
  const say = toldWords[preferences.language]
  const about = h('small')
  const told = h('small', { class: 'told-result fault', role: 'alert' })
  const button = h('button', { type: 'button', class: 'ghost framed', disabled: true }, say.turnOn)
  let state: PushState = 'unsupported'
  const show = async (): Promise<void> => {
    state = await pushState(harta)
    const texts = {
      unsupported: say.deviceCannot,
      denied: say.deviceRefused,
      off: say.deviceOff,
      on: say.deviceOn,
    }
    about.textContent = texts[state]
    button.textContent = state === 'on' ? say.turnOff : say.turnOn
    button.disabled = false
    button.hidden = state === 'unsupported' || state === 'denied'
  }
  const change = async (work: () => Promise<unknown>): Promise<void> => {
    told.textContent = ''
    button.disabled = true
    try {
      await work()
    } catch (error) {
      const isDenied = (error as HartaError).code === 'push-denied'
      told.textContent = isDenied ? say.deviceRefused : fill(say.failed, { why: explain(error, words) })
    }
    await show().catch(() => undefined)
    button.disabled = false
  }
  button.addEventListener('click', () => {
    void change(state === 'on' ? () => turnOff(harta) : () => turnOn(harta))
  })
  show().catch((error: unknown) => {
    told.textContent = explain(error, words)
  })
  return h('div', { class: 'way device' }, h('div', {}, h('b', {}, say.device), about), button, told)
}

async function turnOn(harta: HartaClient): Promise<void> {
  await subscribeToPush(harta)
  remember(harta.auth.user?.id ?? null)
}

async function turnOff(harta: HartaClient): Promise<void> {
  remember(null)
  await unsubscribeFromPush(harta)
}

/** Tells the server what the browser changed by itself, where this user wanted to be woken on this device. */
export async function keepDevice(harta: HartaClient): Promise<void> {
  if (harta.auth.user === null || remembered() !== harta.auth.user.id) return
  if ((await pushState()) === 'on') await subscribeToPush(harta)
}

/** Whoever signs in here next is not told what was meant for somebody else. */
export async function leaveDevice(harta: HartaClient): Promise<void> {
  if (remembered() === null) return
  remember(null)
  const patience = new Promise<void>((resolve) => {
    setTimeout(resolve, PATIENCE_MS)
  })
  await Promise.race([unsubscribeFromPush(harta).catch(() => undefined), patience])
}

function remembered(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function remember(userId: string | null): void {
  try {
    if (userId === null) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, userId)
  } catch {
    // A browser that keeps nothing has no subscription to look after either.
  }
}
