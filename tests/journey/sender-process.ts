/**
 * What a worker is but for prices: sends what waits in the database at its first argument, e-mail by the server at
 * its second, webhooks to loopback. Says when it has begun, and goes on until it is killed.
 */
import { writeSync } from 'node:fs'
import { openDatabase } from '../../src/database/database.js'
import { createMailer } from '../../src/delivery/email.js'
import { createGuardedRequest } from '../../src/delivery/guarded-request.js'
import { Outbox } from '../../src/delivery/outbox.js'
import { createSecrets } from '../../src/delivery/secrets.js'
import { WebhookSender } from '../../src/delivery/webhook-sender.js'
import { systemClock as clock } from '../../src/lib/clock.js'
import { createLog } from '../../src/lib/log.js'
import { createAnnounce } from '../../src/notifications/announce.js'

const [url = '', smtpUrl = ''] = process.argv.slice(2)
const log = createLog('error')
const db = await openDatabase({ kind: 'server', url })
const letter = { from: 'alerts@harta.example', publicUrl: 'https://harta.example', key: Buffer.alloc(32) }
const email = createMailer({ smtpUrl, ...letter, clock })
new Outbox({ db, ways: { email, push: null }, clock, log }).start()
const request = createGuardedRequest({ allowedNetworks: ['127.0.0.0/8'] })
const announce = createAnnounce({ emailConfigured: true })
const sending = { announce, tell: () => {}, request, secrets: createSecrets(db), random: Math.random }
new WebhookSender({ db, ...sending, clock, log }).start()
writeSync(1, 'ready')
