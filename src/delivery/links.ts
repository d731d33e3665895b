import type { NotificationKind } from '../protocol/notifications.js'

/** Addresses that stand in messages; `publicUrl` is where the dashboard is. */
export function pageLink(publicUrl: string, kind: NotificationKind | 'digest'): string {
  return `${folder(publicUrl)}#${kind.startsWith('goal:') ? 'goals' : 'alerts'}`
}

export function unsubscribeLink(publicUrl: string, token: string): string {
  return new URL(`v1/notifications/unsubscribe?token=${token}`, folder(publicUrl)).href
}

function folder(publicUrl: string): string {
  return publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`
}
