import { createServer, type RequestListener, type Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { SMTPServer } from 'smtp-server'
import {
  createGuardedRequest,
  type GuardedRequest,
  RequestFailed,
  type Resolve,
} from '../../src/delivery/guarded-request.js'

const ALLOWED = ['127.0.0.0/8']
const TIMEOUT_MS = 150

describe('guarded request', () => {
  const open: (Server | net.Server)[] = []
  /** Listens on all addresses of this machine; what it counts was let through. */
  let trap = 0
  let port = 0

  before(async () => {
    port = await listen(net.createServer(sprung), '::')
  })
  after(() => {
    for (const server of open) server.close()
  })

  function sprung(socket: net.Socket): void {
    trap += 1
    socket.destroy()
  }

  async function listen(server: Server | net.Server, host = '127.0.0.1', at = 0): Promise<number> {
    open.push(server)
    await new Promise<void>((resolve) => server.listen(at, host, resolve))
    return (server.address() as AddressInfo).port
  }

  async function serve(answer: RequestListener): Promise<string> {
    return `http://127.0.0.1:${await listen(createServer(answer))}/`
  }

  async function serveRaw(answer: (socket: net.Socket) => void): Promise<string> {
    const server = net.createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => answer(socket))
    })
    return `http://127.0.0.1:${await listen(server)}/`
  }

  const guarded = (resolve?: Resolve, allowedNetworks: readonly string[] = []): GuardedRequest =>
    createGuardedRequest({ allowedNetworks, ...(resolve ? { resolve } : {}) })

  function post(request: GuardedRequest, url: string) {
    return request.send({ method: 'POST', url, headers: { 'User-Agent': 'test' }, body: 'hello' })
  }

  async function reason(request: GuardedRequest, url: string): Promise<string> {
    try {
      return `answered ${(await post(request, url)).status}`
    } catch (error) {
      expect(error).to.be.instanceOf(RequestFailed)
      const { message, stack, status } = error as RequestFailed
      expect(`${message} ${stack}`).not.to.match(/127\.|::1|169\.254|10\.0/)
      return status === null ? message : `${message} ${status}`
    }
  }

  it('reaches no address that is not public, however it is written', async () => {
    const hosts = [
      ...[
        '127.0.0.1',
        '127.1',
        '127.255.255.254',
        '2130706433',
        '0x7f000001',
        '0x7f.1',
        '017700000001',
        '0177.0.0.1',
      ],
      ...[
        '0',
        '0.0.0.0',
        '0.1.2.3',
        '10.0.0.1',
        '10.1',
        '172.16.0.1',
        '172.31.255.255',
        '192.168.0.1',
        '3232235521',
      ],
      ...[
        '169.254.169.254',
        '0xa9fea9fe',
        '2852039166',
        '168.63.129.16',
        '100.100.100.200',
        '100.64.0.1',
        '192.0.0.192',
      ],
      ...[
        '192.0.2.1',
        '198.51.100.1',
        '203.0.113.1',
        '198.18.0.1',
        '198.19.255.255',
        '224.0.0.1',
        '240.0.0.1',
      ],
      ...['255.255.255.255', '192.88.99.1', '127.0.0.1.', '１２７.0.0.1', '127。0。0。1', '%31%32%37.0.0.1'],
      ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
      ...[
        '[::ffff:0:127.0.0.1]',
        '[64:ff9b::127.0.0.1]',
        '[64:ff9b::a00:1]',
        '[64:ff9b:1::808:808]',
        '[2002:7f00:1::]',
      ],
      ...[
        '[2001:0:53aa:64c::1]',
        '[fe80::1]',
        '[fe80::1%25lo]',
        '[fec0::1]',
        '[fc00::1]',
        '[fd00:ec2::254]',
        '[ff02::1]',
      ],
      ...[
        '[2001:db8::1]',
        '[3fff::1]',
        '[100::1]',
        '[2001:2::1]',
        '[2606:4700::5efe:127.0.0.1]',
        '[4000::1]',
      ],
      ...['localhost', 'localhost.', 'LOCALHOST', 'a.localhost'],
    ]
    const urls = hosts.map((host) => `http://${host}:${port}/`)
    const others = [
      ...[`http://user@127.0.0.1:${port}/`, 'http://user:password@example.org/', `ftp://127.0.0.1:${port}/`],
      ...[
        'file:///etc/passwd',
        'gopher://example.org/',
        'data:,x',
        'http://',
        '//example.org/',
        'http://example.org:0/',
      ],
      ...[
        'http://example.org:22/',
        'https://example.org:25/',
        'http://example.org:6379/',
        'http://example.org:65536/',
      ],
    ]
    const request = guarded(() => expect.fail('nobody needs to be asked'))
    for (const url of [...urls, ...others]) {
      expect(request.refusalOf(url), url).to.be.a('string')
      expect(await reason(request, url), url).to.equal('address-refused')
    }
    expect([urls.length + others.length > 60, trap]).to.deep.equal([true, 0])
    for (const url of [
      'https://example.org/',
      'http://8.8.8.8:8080/a?b',
      'http://[2606:4700::1111]/',
      'http://[64:ff9b::808:808]/',
    ])
      expect(request.refusalOf(url), url).to.equal(null)
  })

  it('looks at every address that a name stands for, each time anew', async () => {
    const names: Readonly<Record<string, readonly string[]>> = {
      'inside.example': ['127.0.0.1'],
      'both.example': ['93.184.216.34', '127.0.0.1'],
      'six.example': ['::1'],
      'mapped.example': ['::ffff:127.0.0.1'],
      'cloud.example': ['169.254.169.254'],
      'zone.example': ['fe80::1%lo'],
      'odd.example': ['localhost'],
      'many.example': Array.from({ length: 100 }, () => '93.184.216.34'),
    }
    const request = guarded(async (host) => names[host] ?? [])
    for (const name of Object.keys(names)) {
      expect(request.refusalOf(`http://${name}:${port}/`), name).to.equal(null)
      expect(await reason(request, `http://${name}:${port}/`), name).to.equal('address-refused')
    }
    expect(await reason(request, 'http://unknown.example/')).to.equal('dns')
    expect(
      await reason(
        guarded(() => Promise.reject(new Error('127.0.0.53'))),
        'http://a.example/',
      ),
    ).to.equal('dns')

    // Good when it is looked at, another one whenever anybody asks again.
    const good = net.createServer((socket) => void socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
    const goodPort = await listen(good, '127.0.0.2')
    await listen(net.createServer(sprung), '127.0.0.1', goodPort)
    let asked = 0
    const rebinding = guarded(async () => (asked++ === 0 ? ['127.0.0.2'] : ['127.0.0.1']), ['127.0.0.2/32'])
    expect(await reason(rebinding, `http://rebinding.example:${goodPort}/`)).to.equal('answered 204')
    expect(asked).to.equal(1)
    expect(await reason(rebinding, `http://rebinding.example:${goodPort}/`)).to.equal('address-refused')
    expect(trap).to.equal(0)
  })

  it('follows no redirect', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const url = await serve((_, answer) => {
        answer.writeHead(status, { Location: `http://127.0.0.1:${port}/` }).end()
      })
      expect(await reason(guarded(undefined, ALLOWED), url)).to.equal(`redirect ${status}`)
    }
    expect(trap).to.equal(0)
  })

  it('hands over what an allowed receiver answers, in part where it is long, over a connection of its own', async () => {
    const heard: unknown[] = []
    const url = await serve((asked, answer) => {
      asked.on('data', (data: Buffer) =>
        heard.push([asked.headers.connection, asked.headers.host, String(data)]),
      )
      asked.on('end', () => answer.writeHead(429, { 'Retry-After': '7' }).end(`\0é${'x'.repeat(200_000)}`))
    })
    const { status, body, retryAfter } = await post(guarded(undefined, ALLOWED), url)
    expect([status, body.slice(0, 3), body.length, retryAfter]).to.deep.equal([429, '\uFFFDéx', 1_000, '7'])
    expect(heard).to.deep.equal([['close', new URL(url).host, 'hello']])
  })

  it('waits for nobody beyond its time, whatever he does meanwhile', async () => {
    const silent = await serveRaw(() => {})
    const dripping = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n')
      const drip = setInterval(() => socket.write('.'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    const slowHead = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-A: ')
      const drip = setInterval(() => socket.write('a'), 20)
      socket.on('close', () => clearInterval(drip))
    })
    const limited = { allowedNetworks: ALLOWED, timeoutMs: TIMEOUT_MS }
    const request = createGuardedRequest(limited)
    const never = createGuardedRequest({ ...limited, resolve: () => new Promise(() => {}) })
    const started = Date.now()
    const reasons = await Promise.all([
      ...[silent, dripping, slowHead].map((url) => reason(request, url)),
      reason(never, 'http://slow.example/'),
    ])
    expect(reasons).to.deep.equal(['timeout', 'timeout', 'timeout', 'timeout'])
    expect(Date.now() - started).to.be.within(TIMEOUT_MS - 5, TIMEOUT_MS + 1_000)
  })

  it('tells broken answers and strange certificates apart', async () => {
    const lying = await serveRaw((socket) =>
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort'),
    )
    const endless = await serveRaw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      socket.write(`X-A: ${'a'.repeat(100_000)}\r\n\r\n`)
    })
    const strange = new SMTPServer({ secure: true, logger: false })
    strange.on('error', () => {})
    const mail = await new Promise<net.Server>((resolve) => {
      const server: net.Server = strange.listen(0, '127.0.0.1', () => resolve(server))
    })
    const secure = `https://127.0.0.1:${(mail.address() as AddressInfo).port}/`
    const free = net.createServer()
    const closed = `http://127.0.0.1:${await listen(free)}/`
    await new Promise((resolve) => free.close(resolve))
    const request = guarded(undefined, ALLOWED)
    const reasons = [lying, endless, secure, closed, (await serve(() => {})).replace('http:', 'https:')]
    expect(await Promise.all(reasons.map((url) => reason(request, url)))).to.deep.equal([
      ...['connection 200', 'answer-too-large', 'tls', 'connection', 'tls'],
    ])
    await new Promise<void>((resolve) => strange.close(resolve))
  })
})
