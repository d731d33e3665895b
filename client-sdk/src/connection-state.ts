/**
 * The life of the connection, apart from what carries it.
 *
 *   idle --open--> connecting --up--> connected --down--> reconnecting --up--> connected
 *   connecting, reconnecting --down--> reconnecting       (refused for now, or out of reach: tried again)
 *   connecting, reconnecting, connected --refuse--> failed  (trying again cannot help)
 *   anything under way --leave--> idle                    (nobody watches any more)
 *   anything --close--> closed                            (signed out, or closed by the page)
 *   idle, closed, failed --open--> connecting
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'failed'
export type ConnectionEvent = 'open' | 'up' | 'down' | 'refuse' | 'leave' | 'close'

const table: Record<ConnectionState, Partial<Record<ConnectionEvent, ConnectionState>>> = {
  idle: { open: 'connecting', close: 'closed' },
  connecting: { up: 'connected', down: 'reconnecting', refuse: 'failed', leave: 'idle', close: 'closed' },
  connected: { down: 'reconnecting', refuse: 'failed', leave: 'idle', close: 'closed' },
  reconnecting: { up: 'connected', down: 'reconnecting', refuse: 'failed', leave: 'idle', close: 'closed' },
  closed: { open: 'connecting' },
  failed: { open: 'connecting', leave: 'idle', close: 'closed' },
}

/** The state after an event; an event that means nothing in a state leaves it as it is. */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  return table[state][event] ?? state
}
