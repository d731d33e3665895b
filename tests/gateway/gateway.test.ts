import { expect } from 'chai'
import { commands, events } from '../../src/protocol/events.js'
import type { Price, Valuation } from '../../src/protocol/resources.js'
import { dial } from '../support/people.js'
import { until } from '../support/until.js'
import { portfolioOf, positionOf } from '../valuation/portfolios.js'
import { type House, openGateway, WINDOW_MS } from './house.js'
import { openRaw } from './raw.js'

describe('the gateway', function () {
  this.timeout(30_000)
  let house: House
  beforeEach(async () => {
    house = await openGateway()
  })
  afterEach(() => house.close())
  const join = (user: string, livesMs?: number, session?: string) => {
    const token = house.token(user, livesMs, session)
    const line = dial(house.url, { token })
    return until('the first snapshot', () => {
      house.clock.advance(WINDOW_MS)
      return line.snapshots.length > 0
    }).then(() => line)
  }

  describe('lets in', () => {
    it('nobody without a good token, and says why and whether to try again', async () => {
      const refusals: readonly [Record<string, unknown>, string][] = [
        [{}, 'unauthenticated'],
        [{ token: 7 }, 'unauthenticated'],
        [{ token: null }, 'unauthenticated'],
        [{ token: { toString: 'x' } }, 'unauthenticated'],
        [{ token: 'nonsense' }, 'unauthenticated'],
        [{ token: house.token('ani', -1) }, 'token-expired'],
      ]
      for (const [auth, code] of refusals) {
        const line = dial(house.url, auth)
        await until('a refusal', () => line.refusal() !== null)
        expect(line.refusal(), JSON.stringify(auth)).to.include({ code, retryable: false })
        expect(line.refusal()).to.have.property('requestId')
        line.close()
      }
      expect(house.gateway.sockets).to.equal(0)
    })

    it('later whoever is told to try again', async () => {
      await house.close()
      const limits = new Error('limits')
      house = await openGateway({ admit: () => Promise.reject(limits) })
      const line = dial(house.url, { token: house.token('ani') })
      await until('a refusal', () => line.refusal() !== null)
      expect(line.refusal()).to.include({ code: 'unavailable', retryable: true })
      line.close()
    })

    it('fifty sockets of one user, and others beside them', async () => {
      const lines = []
      for (let count = 0; count < 50; count += 1) lines.push(await join('ani'))
      const one = dial(house.url, { token: house.token('ani') })
      await until('a refusal', () => one.refusal() !== null)
      expect(one.refusal()).to.include({ code: 'limited', retryable: true })
      lines.push(await join('budi'))
      for (const line of lines) line.close()
      await until('all have left', () => house.gateway.sockets === 0)
    })
  })

  describe('tells', () => {
    it('a snapshot and then one update a window, each the one before plus one', async () => {
      const line = await join('ani')
      expect(line.state().total).to.equal('300.00')
      for (let price = 301; price <= 310; price += 1) {
        house.move('BTC-USD', String(price - 0.5))
        house.move('BTC-USD', String(price))
        house.clock.advance(WINDOW_MS)
        await until('the update', () => line.state().total === `${price}.00`)
      }
      expect(line.updates.map(({ seq }) => seq)).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      house.clock.advance(10 * WINDOW_MS)
      await line.command(commands.resume, { epoch: 'x', seq: 0 })
      expect(line.updates).to.have.lengthOf(10)
      expect(line.snapshots).to.have.lengthOf(1)
      line.close()
    })

    it('a new snapshot when the holdings have changed', async () => {
      const line = await join('ani')
      house.portfolio = portfolioOf(
        [positionOf(), positionOf({ assetId: 'second', quantity: 2n * 10n ** 18n })],
        { version: 2 },
      )
      await house.live.changed('ani')
      await until('the snapshot', () => line.snapshots.length === 2)
      expect(line.state()).to.include({ total: '900.00', seq: 1 })
      line.close()
    })

    it('whoever asks after a pause that it is current, or the whole', async () => {
      const line = await join('ani')
      const { epoch } = line.state()
      const resume = (ask: unknown) =>
        line.command<{ kind: string; snapshot?: Valuation }>(commands.resume, ask)
      expect(await resume({ epoch, seq: 0 })).to.deep.equal({ ok: true, data: { kind: 'current' } })
      house.move('BTC-USD', '400')
      house.clock.advance(WINDOW_MS)
      await until('the update', () => line.state().seq === 1)
      for (const ask of [
        { epoch, seq: 0 },
        { epoch, seq: 99 },
        { epoch: 'other', seq: 1 },
      ]) {
        const { data } = await resume(ask)
        expect(data?.kind).to.equal('snapshot')
        expect(data?.snapshot).to.deep.equal(line.state())
      }
      line.close()
    })

    it('the prices that a socket watches, until it does not', async () => {
      const line = await join('ani')
      house.market.set('ETH-USD', '3000')
      const watched = await line.command<Price[]>(commands.watch, { symbols: ['ETH-USD', 'NEW-USD'] })
      expect(watched.data?.map(({ symbol, amount }) => [symbol, amount])).to.deep.equal([['ETH-USD', '3000']])
      expect(house.demanded).to.deep.include(['ETH-USD', 'NEW-USD'])
      house.move('ETH-USD', '3001')
      house.move('ETH-USD', '3002')
      house.move('SOL-USD', '1')
      house.clock.advance(WINDOW_MS)
      await until('the price', () => line.prices.length === 1)
      expect(line.prices[0]?.map(({ amount }) => amount)).to.deep.equal(['3002'])
      house.demanded.length = 0
      house.clock.advance(30_000)
      expect(house.demanded).to.deep.equal([['ETH-USD', 'NEW-USD']])
      expect(await line.command(commands.unwatch, { symbols: ['ETH-USD'] })).to.deep.equal({
        ok: true,
        data: null,
      })
      house.move('ETH-USD', '3003')
      house.clock.advance(WINDOW_MS)
      await line.command(commands.resume, { epoch: 'x', seq: 0 })
      expect(line.prices).to.have.lengthOf(1)
      line.close()
      await until('it has left', () => house.gateway.sockets === 0)
      house.demanded.length = 0
      house.clock.advance(30_000)
      expect(house.demanded).to.deep.equal([])
    })

    it('what is wrong with a command as a problem', async () => {
      const line = await join('ani')
      const many = (count: number, prefix: string) =>
        Array.from({ length: count }, (_, index) => `${prefix}${index}`)
      const wrong: readonly [string, unknown, string][] = [
        [commands.watch, { symbols: [] }, 'invalid-request'],
        [commands.watch, { symbols: many(101, 'A') }, 'invalid-request'],
        [commands.watch, { symbols: [1] }, 'invalid-request'],
        [commands.watch, { symbols: ['A'], room: 'user:budi' }, 'invalid-request'],
        [commands.watch, null, 'invalid-request'],
        [commands.watch, 'BTC-USD', 'invalid-request'],
        [commands.resume, { epoch: 'x', seq: -1 }, 'invalid-request'],
        [commands.resume, { epoch: 'x', seq: 1.5 }, 'invalid-request'],
        [commands.resume, { epoch: 'x' }, 'invalid-request'],
        [commands.renew, { token: '' }, 'invalid-request'],
        [commands.renew, { token: 'nonsense' }, 'token-invalid'],
        [commands.renew, { token: house.token('budi') }, 'other-user'],
        ['join', 'user:budi', 'unknown-command'],
        ['__proto__', {}, 'unknown-command'],
        ['constructor', {}, 'unknown-command'],
        ['portfolio:snapshot', {}, 'unknown-command'],
      ]
      for (const [name, ask, code] of wrong) {
        const answer = await line.command(name, ask)
        expect([answer.ok, answer.problem?.code], `${name} ${JSON.stringify(ask)}`).to.deep.equal([
          false,
          code,
        ])
        expect(answer.problem).to.include.keys('type', 'title', 'status', 'detail', 'requestId')
      }
      for (let round = 0; round < 2; round += 1) {
        expect((await line.command(commands.watch, { symbols: many(100, `S${round}-`) })).ok).to.equal(true)
      }
      expect((await line.command(commands.watch, { symbols: ['ONE-MORE'] })).problem?.code).to.equal(
        'too-many-symbols',
      )
      expect((await line.command(commands.watch, { symbols: ['S0-1'] })).ok).to.equal(true)
      line.close()
    })
  })

  describe('ends a socket', () => {
    it('with its token, after a notice, unless that was renewed', async () => {
      const [short, renewed] = [await join('ani', 300_000), await join('ani', 300_000)]
      house.clock.advance(239_000 - 2 * WINDOW_MS)
      expect(
        [short, renewed].flatMap(({ heard }) => heard.filter(({ event }) => event === events.expiring)),
      ).to.deep.equal([])
      house.clock.advance(3_000)
      await until('the notice', () => short.heard.some(({ event }) => event === events.expiring))
      const answer = await renewed.command<{ expiresAt: string }>(commands.renew, {
        token: house.token('ani', 900_000),
      })
      expect(answer.data?.expiresAt).to.equal(new Date(house.clock.now() + 900_000).toISOString())
      house.clock.advance(61_000)
      await until('the end', () => !short.socket.connected)
      await renewed.command(commands.resume, { epoch: 'x', seq: 0 })
      expect(renewed.socket.connected).to.equal(true)
      house.clock.advance(900_000)
      await until('its end, too', () => !renewed.socket.connected)
    })

    it('with its session, and leaves the others of the user', async () => {
      const [phone, laptop] = [await join('ani', 900_000, 'phone'), await join('ani', 900_000, 'laptop')]
      const other = await join('budi')
      house.gateway.end('ani', 'phone')
      await until('the phone is out', () => !phone.socket.connected)
      await laptop.command(commands.resume, { epoch: 'x', seq: 0 })
      expect([...house.gateway.sessions()].map(({ sessionId }) => sessionId).sort()).to.deep.equal([
        'budi-session',
        'laptop',
      ])
      await laptop.command(commands.renew, { token: house.token('ani', 900_000, 'new laptop') })
      house.gateway.end('ani', 'new laptop')
      await until('renewing moved it into the room of the new session', () => !laptop.socket.connected)
      const again = await join('ani')
      house.gateway.end('ani', null)
      await until('all of the user are out', () => !again.socket.connected)
      expect(other.socket.connected).to.equal(true)
      other.close()
    })

    it('and forgets it whole, also when its last words come with its leave', async () => {
      const raw = await openRaw(house.port, house.token('ani', 900_000))
      await until('the snapshot', () => {
        house.clock.advance(WINDOW_MS)
        return raw.frames.some((frame) => frame.includes(events.snapshot))
      })
      const before = house.clock.pending
      raw.stream.cork()
      const watch = JSON.stringify([commands.watch, { symbols: ['ETH-USD'] }])
      const renew = JSON.stringify([commands.renew, { token: house.token('ani', 9_000_000) }])
      raw.send(`421${watch}`, `422${renew}`, '41')
      raw.stream.uncork()
      await until('it has left', () => house.gateway.sockets === 0)
      raw.socket.close()
      await new Promise((resolve) => setTimeout(resolve, 50))
      house.demanded.length = 0
      house.clock.advance(30_000)
      expect(house.demanded).to.deep.equal([])
      house.clock.advance(60_000)
      expect(house.clock.pending).to.be.below(before)
    })

    it('when the house closes, after telling it when to come back', async () => {
      const line = await join('ani')
      await house.gateway.stop()
      await until('the end', () => !line.socket.connected)
      expect(line.heard.at(-1)).to.deep.equal({ event: events.draining, data: { retryAfterMs: 1_000 } })
      house.live.stop()
      house = await openGateway()
    })
  })

  describe('with a reader that stops reading', () => {
    it('keeps nothing for it, and gives it one fresh snapshot when it reads again', async () => {
      const name = 'x'.repeat(2_000)
      house.portfolio = portfolioOf(
        Array.from({ length: 40 }, (_, index) => positionOf({ assetId: `asset-${index}`, name })),
      )
      const [slow, quick] = [
        await openRaw(house.port, house.token('ani')),
        await openRaw(house.port, house.token('ani')),
      ]
      const snapshots = (frames: readonly string[]) =>
        frames.filter((frame) => frame.includes(events.snapshot))
      await until('both have the snapshot', () => {
        house.clock.advance(WINDOW_MS)
        return [slow, quick].every(({ frames }) => snapshots(frames).length > 0)
      })
      const begun = snapshots(slow.frames).length
      slow.stream.pause()
      const memory = process.memoryUsage().external
      const rounds = 300
      for (let round = 1; round <= rounds; round += 1) {
        house.move('BTC-USD', String(1_000 + round))
        house.clock.advance(WINDOW_MS)
        await until(
          'the quick one has it',
          () => quick.frames.at(-1)?.includes(`"total":"${(1_000 + round) * 40}.00"`) ?? false,
        )
      }
      const sent = quick.frames.reduce((sum, frame) => sum + frame.length, 0)
      expect(sent).to.be.above(24_000_000)
      expect(process.memoryUsage().external - memory).to.be.below(sent / 4)
      slow.stream.resume()
      await until('the slow one has caught up', () => {
        house.clock.advance(WINDOW_MS)
        return snapshots(slow.frames).length > begun
      })
      const updates = slow.frames.filter((frame) => frame.includes(events.update))
      expect(updates.length).to.be.below(rounds / 2)
      expect(snapshots(slow.frames)).to.have.lengthOf(begun + 1)
      const [, last] = JSON.parse(snapshots(slow.frames).at(-1)?.slice(2) ?? '') as [string, Valuation]
      expect(last).to.include({ seq: rounds, total: `${(1_000 + rounds) * 40}.00` })
      house.move('BTC-USD', '7')
      house.clock.advance(WINDOW_MS)
      await until('it hears on', () => slow.frames.at(-1)?.includes(`"seq":${rounds + 1}`) ?? false)
      slow.socket.close()
      quick.socket.close()
      await until('both have left', () => house.gateway.sockets === 0)
    })
  })
})
