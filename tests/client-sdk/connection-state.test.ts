import { expect } from 'chai'
import {
  type ConnectionEvent,
  type ConnectionState,
  nextState,
} from '../../client-sdk/src/connection-state.js'

const columns: readonly ConnectionEvent[] = ['open', 'up', 'down', 'refuse', 'leave', 'close']

/** Every cell; `.` stays where it is. */
const rows: Record<ConnectionState, string> = {
  idle: 'connecting . . . . closed',
  connecting: '. connected reconnecting failed idle closed',
  connected: '. . reconnecting failed idle closed',
  reconnecting: '. connected . failed idle closed',
  closed: 'connecting . . . . .',
  failed: 'connecting . . . idle closed',
}

describe('the states of a connection', () => {
  for (const [state, row] of Object.entries(rows) as [ConnectionState, string][]) {
    it(`lead on from ${state} as drawn`, () => {
      const after = columns.map((event) => nextState(state, event))
      expect(after).to.deep.equal(row.split(' ').map((cell) => (cell === '.' ? state : cell)))
    })
  }
})
