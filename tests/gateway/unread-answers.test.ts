import { expect } from 'chai'
import { until } from '../support/until.js'
import { portfolioOf, positionOf } from '../valuation/portfolios.js'
import { type House, openGateway } from './house.js'
import { openRaw } from './raw.js'

const RESUME = '["portfolio:resume",{"epoch":"another","seq":0}]'

describe('a socket that asks', () => {
  const asked: string[] = []
  let house: House
  before(async () => {
    house = await openGateway({ admitCommand: async (key) => void asked.push(key) })
    house.portfolio = portfolioOf(
      Array.from({ length: 400 }, (_, index) => positionOf({ assetId: `asset-${index}` })),
    )
  })
  after(() => house.close())

  it('and does not read the answers is closed before they fill the memory', async () => {
    const line = await openRaw(house.port, house.token('reader'))
    await until('it is open', () => house.gateway.sockets === 1)
    line.stream.pause()
    line.send(...Array.from({ length: 250 }, (_, index) => `42${index}${RESUME}`))
    await until('it is closed', () => house.gateway.sockets === 0)
    line.socket.terminate()
  })

  it('again and again and reads gets every answer', async () => {
    const line = await openRaw(house.port, house.token('reader'))
    await until('it is open', () => house.gateway.sockets === 1)
    const answers = () => line.frames.filter((frame) => frame.startsWith('43')).length
    for (let round = 1; round <= 40; round += 1) {
      line.send(`42${round}${RESUME}`)
      await until(`answer ${round}`, () => answers() === round)
    }
    line.socket.terminate()
    await until('it is gone', () => house.gateway.sockets === 0)
  })

  it('is counted with all sockets of its user', async () => {
    asked.length = 0
    const lines = await Promise.all([1, 2].map(() => openRaw(house.port, house.token('reader'))))
    for (const line of lines) line.send(`421${RESUME}`)
    await until('both have asked', () => asked.length === 2)
    expect(asked).to.deep.equal(['reader', 'reader'])
    for (const line of lines) line.socket.terminate()
  })
})
