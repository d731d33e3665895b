import type { NotificationKind } from '../protocol/notifications.js'

/** Addresses that stand in messages; `publicUrl` is where the dashboard is. */
export function pageLink(publicUrl: string, kind: NotificationKind | 'digest'): string {
  return `${folder(publicUrl)}#${kind.startsWith('goal:') ? 'goals' : 'alerts'}`
}

/** Pages behind a token. */
export const UNSUBSCRIBE = '/v1/notifications/unsubscribe'
export const CONFIRM = '/v1/notifications/confirm'

export function tokenLink(
  publicUrl: string,
  page: typeof UNSUBSCRIBE | typeof CONFIRM,
  token: string,
): string {
  return new URL(`.${page}?token=${token}`, folder(publicUrl)).href
}

function folder(publicUrl: string): string {
  return publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`
}
