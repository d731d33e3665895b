import { expect } from 'chai'
import { timeZone } from '../../src/http/schema.js'
import { dateIn } from '../../src/lib/calendar.js'

describe('a time zone', () => {
  it('is accepted only when the calendar can reckon with it', () => {
    const names = [
      ...Intl.supportedValuesOf('timeZone'),
      'UTC',
      'GMT',
      'asia/jakarta',
      'US/Eastern',
      'IST',
      'PST',
    ]
    const accepted = names.filter((name) => timeZone.safeParse(name).success)
    for (const name of accepted) expect(dateIn(name, 0), name).to.match(/^19(69-12-31|70-01-01)$/)
    expect(accepted).to.include.members(['Asia/Jakarta', 'UTC', 'US/Eastern'])
    for (const name of ['IST', 'PST', '+07:00', 'Mars/Olympus', '']) {
      expect(timeZone.safeParse(name).success, name).to.equal(false)
    }
  })
})
