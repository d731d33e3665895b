import { request } from 'node:http'
import { expect } from 'chai'
import { WebSocket } from 'ws'
import { commands, events } from '../../src/protocol/events.js'
import { dial } from '../support/people.js'
import { until } from '../support/until.js'
import { type House, openGateway, WINDOW_MS } from './house.js'
import { openRaw } from './raw.js'

describe('the gateway in front of hostile clients', function () {
  this.timeout(30_000)
  let house: House
  const crashes: unknown[] = []
  const crashed = (reason: unknown): void => void crashes.push(reason)
  before(async () => {
    process.on('unhandledRejection', crashed)
    house = await openGateway({ allowedOrigins: ['https://harta.example'] })
  })
  after(async () => {
    await house?.close()
    process.removeListener('unhandledRejection', crashed)
    expect(crashes).to.deep.equal([])
  })

  const handshake = (transport: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const upgrade =
        transport === 'websocket'
          ? {
              Connection: 'Upgrade',
              Upgrade: 'websocket',
              'Sec-WebSocket-Version': '13',
              'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
            }
          : {}
      const asked = request(`${house.url}/socket.io/?EIO=4&transport=${transport}`, {
        headers: { ...headers, ...upgrade },
      })
      asked.on('upgrade', (_, socket) => {
        socket.destroy()
        resolve(101)
      })
      asked.on('response', (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      asked.on('error', reject)
      asked.end()
    })

  it('refuses a foreign origin on every transport, and lets in its own and the listed ones', async () => {
    const own = `http://127.0.0.1:${house.port}`
    for (const [transport, welcome] of [
      ['websocket', 101],
      ['polling', 200],
    ] as const) {
      const hostile = [
        'https://evil.example',
        'null',
        'https://harta.example.evil.example',
        'http://harta.example',
        '',
        `${own}0`,
        'file://',
      ]
      for (const Origin of hostile) {
        expect(await handshake(transport, { Origin }), `${transport} ${Origin}`).to.be.within(400, 403)
      }
      for (const headers of [{ Origin: own }, { Origin: 'https://harta.example' }, {}] as Record<
        string,
        string
      >[]) {
        expect(await handshake(transport, headers), `${transport} ${headers.Origin}`).to.equal(welcome)
      }
    }
  })

  it('is not killed by garbage, and goes on with those who behave', async () => {
    const good = dial(house.url, { token: house.token('ani') })
    await until('the snapshot', () => {
      house.clock.advance(WINDOW_MS)
      return good.snapshots.length > 0
    })
    const garbage = [
      '',
      '0',
      '1',
      '2probe',
      '3',
      '4',
      '40',
      '40{',
      '40{"token":{}}',
      '40{"token":"x"}',
      '40/admin,{"token":"x"}',
      '40[]',
      '42',
      '42[]',
      '42["',
      '42[null]',
      '42[1,2]',
      '42{}',
      '42["message"]',
      '42["disconnect"]',
      '42["connect_error",1]',
      `421["${commands.watch}"]`,
      `422["${commands.watch}",{"symbols":"BTC-USD"}]`,
      `423["${commands.watch}",{"__proto__":{"symbols":["A"]}}]`,
      `424["${commands.resume}",{"epoch":"x","seq":1e999}]`,
      `42["${commands.watch}",{"symbols":["A"]}]`,
      `425["__proto__",{"polluted":true}]`,
      `426["constructor"]`,
      `427["toString",[],{},1,null]`,
      `428["${commands.renew}",{"token":{"a":1}}]`,
      '43[]',
      '430[1]',
      '4399999[1]',
      '44',
      '44{"message":"x"}',
      '451-["x",{"_placeholder":true,"num":0}]',
      '4599999-["x"]',
      '45-1-[]',
      '46',
      '5',
      '6',
      '7',
      '9',
      'x',
      '\u0000',
      `42["x",${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
    ]
    for (const joined of [false, true]) {
      for (const frame of garbage) {
        const raw = await openRaw(house.port, joined ? house.token('budi') : undefined)
        raw.send(frame)
        raw.send('421["portfolio:resume",{"epoch":"x","seq":0}]')
        raw.socket.send(Buffer.from([0, 255, 4]))
        raw.socket.close()
      }
    }
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
    house.move('BTC-USD', '555')
    house.clock.advance(WINDOW_MS)
    await until('the good one hears on', () => good.state().total === '555.00')
    good.close()
    await until('all have left', () => house.gateway.sockets === 0)
  })

  it('answers wrong commands of a raw client, and leaves those without an ack unanswered', async () => {
    const raw = await openRaw(house.port, house.token('ani'))
    raw.send(`42["${commands.watch}",{"symbols":["ETH-USD"]}]`)
    raw.send(`427["${commands.watch}",{"symbols":7}]`)
    raw.send(`428["${commands.watch}"]`)
    await until('both answers', () => raw.frames.filter((frame) => frame.startsWith('43')).length === 2)
    const answers = raw.frames.filter((frame) => frame.startsWith('43'))
    for (const [index, answer] of answers.entries()) {
      expect(answer.startsWith(`43${7 + index}[`)).to.equal(true)
      const [{ ok, problem }] = JSON.parse(answer.slice(3)) as [{ ok: boolean; problem: { code: string } }]
      expect([ok, problem.code]).to.deep.equal([false, 'invalid-request'])
    }
    raw.socket.close()
  })

  it('ends a socket that sends more than it may at once', async () => {
    const raw = await openRaw(house.port, house.token('ani'))
    raw.send(`42["x","${'y'.repeat(40_000)}"]`)
    await until('it is closed', () => raw.socket.readyState === WebSocket.CLOSED)
    expect(raw.frames.filter((frame) => frame.includes(events.update))).to.deep.equal([])
  })
})
