import type { ToastText } from './toasts.js'

const KEY = 'harta:desktop'

/** How notifications of the desktop stand in this browser; a phone has push instead. */
export type DesktopState = 'unknown' | 'on' | 'off' | 'refused'

/**
 * Notifications of the desktop while the page is open but not looked at. The browser asks only after somebody
 * pressed the button for it, and the wish is kept here: a permission alone may have been given for push.
 */
export const desktop = {
  get state(): DesktopState {
    if (!('Notification' in window) || !matchMedia('(hover: hover)').matches) return 'unknown'
    if (Notification.permission === 'denied') return 'refused'
    return Notification.permission === 'granted' && read() === 'on' ? 'on' : 'off'
  },
  /** To be called in the click that asks for it. */
  async allow(): Promise<DesktopState> {
    if ('Notification' in window && (await Notification.requestPermission()) === 'granted') write('on')
    return desktop.state
  },
  stop(): void {
    write('off')
  },
  /** One notification is shown once, however many tabs are open and though push shows it too. */
  show(id: string, { title, body }: ToastText, open: () => void): void {
    if (desktop.state !== 'on' || !document.hidden) return
    try {
      const shown = new Notification(title, { body, tag: id, icon: 'icon.svg' })
      shown.addEventListener('click', () => {
        window.focus()
        shown.close()
        open()
      })
    } catch {
      // Some browsers have the name but no such notifications; they have push.
    }
  },
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

function write(wish: 'on' | 'off'): void {
  try {
    localStorage.setItem(KEY, wish)
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
