/** Where a session rests between page loads; every function may answer at once or by promise. */
export interface SessionStorage {
  get(): string | null | Promise<string | null>
  set(text: string): void | Promise<void>
  remove(): void | Promise<void>
}

export type StorageOption = 'memory' | 'local' | SessionStorage

export function openStorage(option: StorageOption, key: string): SessionStorage {
  if (typeof option === 'object') return option
  return option === 'local' && hasLocalStorage() ? localSession(key) : memorySession()
}

function memorySession(): SessionStorage {
  let held: string | null = null
  return {
    get: () => held,
    set: (text) => {
      held = text
    },
    remove: () => {
      held = null
    },
  }
}

function localSession(key: string): SessionStorage {
  return {
    get: () => localStorage.getItem(key),
    set: (text) => localStorage.setItem(key, text),
    remove: () => localStorage.removeItem(key),
  }
}

/** Reading the property throws where a browser forbids storage to the page. */
function hasLocalStorage(): boolean {
  try {
    return typeof localStorage === 'object' && localStorage !== null
  } catch {
    return false
  }
}
