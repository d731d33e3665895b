import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Database } from '../../src/database/database.js'
import type { Clock } from '../../src/lib/clock.js'

/** Time that stands until a test moves it; nothing happens by itself. */
export function standingClock(at: number): Clock & { at: number } {
  return {
    at,
    now() {
      return this.at
    },
    after: () => () => {},
    every: () => () => {},
  }
}

/** What a server for e-mail says to an attempt; `hang-up`: it takes the message and breaks off before it says so. */
type Reply = 'ok' | 'hang-up' | { readonly at: 'sender' | 'recipient' | 'message'; readonly code: number }

export interface Post {
  readonly url: string
  /** Each that was read to its end, taken or not. */
  readonly mails: ParsedMail[]
  readonly attempts: () => number
  /** The next replies, in order; after these `ok`. */
  replies: Reply[]
  close(): Promise<void>
}

/** A real SMTP server on loopback. */
export async function openPost(): Promise<Post> {
  const sockets = new Set<Socket>()
  let attempts = 0
  let reply: Reply = 'ok'
  const refusal = (at: string, whom = ''): Error | null =>
    typeof reply === 'object' && reply.at === at
      ? Object.assign(new Error(`${whom} not now`), { responseCode: reply.code })
      : null
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    onMailFrom(_address, _session, done) {
      attempts += 1
      reply = post.replies.shift() ?? 'ok'
      done(refusal('sender'))
    },
    onRcptTo: ({ address }, _session, done) => done(refusal('recipient', `<${address}>`)),
    onData(stream, _session, done) {
      simpleParser(stream).then((mail) => {
        post.mails.push(mail)
        if (reply === 'hang-up') for (const socket of sockets) socket.destroy()
        else done(refusal('message'))
      }, done)
    },
  })
  server.on('error', () => {})
  server.server.on('connection', (socket: Socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const post: Post = {
    url: `smtp://127.0.0.1:${port}`,
    mails: [],
    attempts: () => attempts,
    replies: [],
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
  return post
}

/** A browser's side of a subscription, and what a push service was asked to bring it. */
export interface TestBrowser {
  readonly keys: { readonly p256dh: string; readonly auth: string }
  /** As RFC 8291 and RFC 8188 tell a browser to. */
  decrypt(body: Buffer): Record<string, string>
}

export function openBrowser(): TestBrowser {
  const pair = createECDH('prime256v1')
  const own = pair.generateKeys()
  const auth = randomBytes(16)
  return {
    keys: { p256dh: own.toString('base64url'), auth: auth.toString('base64url') },
    decrypt(body) {
      const salt = body.subarray(0, 16)
      const length = body.readUInt8(20)
      const theirs = body.subarray(21, 21 + length)
      const sealed = body.subarray(21 + length)
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), own, theirs])
      const secret = Buffer.from(hkdfSync('sha256', pair.computeSecret(theirs), auth, info, 32))
      const part = (name: string, size: number) =>
        Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, size))
      const opened = createDecipheriv('aes-128-gcm', part('aes128gcm', 16), part('nonce', 12))
      opened.setAuthTag(sealed.subarray(-16))
      const padded = Buffer.concat([opened.update(sealed.subarray(0, -16)), opened.final()])
      return JSON.parse(padded.subarray(0, padded.lastIndexOf(2)).toString('utf8')) as Record<string, string>
    },
  }
}

export interface Pushed {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface PushService {
  readonly url: string
  readonly pushed: Pushed[]
  /** Statuses of the next answers, in order; after these 201. */
  statuses: number[]
  close(): Promise<void>
}

/** A push service on loopback. */
export async function openPushService(): Promise<PushService> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      service.pushed.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) })
      response.writeHead(service.statuses.shift() ?? 201).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const service: PushService = {
    url: `http://127.0.0.1:${port}`,
    pushed: [],
    statuses: [],
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
  return service
}

export interface Told {
  readonly title?: string
  readonly body?: string
  readonly topic?: 'email' | 'push'
  readonly target?: string
  readonly held?: boolean
  /** When it may go out, ms since the epoch. */
  readonly due: number
}

/** Writes a notification and its row in the outbox; the notification's id. */
export async function tellLater(db: Database, userId: string, told: Told): Promise<string> {
  const { title = 'BTC-USD rose to $70,000', body = 'It reached your mark.', topic = 'email' } = told
  return db.asSystem(async (tx) => {
    const { id } = await tx.notification.create({
      data: { userId, kind: 'alert:fired', title, body, key: randomUUID(), at: new Date(told.due) },
    })
    const { target = '', held = false, due } = told
    await tx.outboxEntry.create({
      data: { userId, notificationId: id, topic, target, held, availableAt: new Date(due) },
    })
    return id
  })
}

/** What is known of the rows of a user, oldest first. */
export function outboxOf(db: Database, userId: string) {
  return db.asSystem((tx) =>
    tx.outboxEntry.findMany({
      where: { userId },
      orderBy: { id: 'asc' },
      select: { attempts: true, doneAt: true, error: true, availableAt: true },
    }),
  )
}
