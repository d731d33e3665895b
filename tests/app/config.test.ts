import { expect } from 'chai'
import { readConfig } from '../../src/app/config.js'
import { AppError } from '../../src/lib/errors.js'
import { startProgram } from './process.js'

const SECRET = 's'.repeat(32)

function refusal(part: 'web' | 'worker' | 'all' | 'migrate', env: Record<string, string>): AppError {
  try {
    readConfig(part, env)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}
const names = (error: AppError) => (error.details.errors ?? []).map(({ pointer }) => pointer.slice(1)).sort()

describe('the configuration', () => {
  it('needs nothing at all to run everything in one process', () => {
    const { config, secrets } = readConfig('all', {})
    expect(config).to.deep.equal({
      part: 'all',
      port: 3000,
      host: '127.0.0.1',
      dataDir: '.data',
      trustedProxies: 0,
      corsOrigins: [],
      feeds: [
        'coinbase',
        'kraken',
        'bitstamp',
        'gemini',
        'indodax',
        'binance',
        'tokocrypto',
        'okx',
        'bybit',
        'kucoin',
        'gate',
        'bitfinex',
      ],
      feedUrls: {},
      feedRestUrls: {},
      sources: ['yahoo', 'coingecko', 'ecb', 'frankfurter', 'open-er-api'],
      sourceUrls: {},
      publicUrl: null,
      mailFrom: null,
      webhookNetworks: [],
      pushWindowMs: 250,
      logLevel: 'info',
      bcryptCost: 12,
    })
    expect(secrets).to.deep.equal({
      databaseUrl: null,
      redisUrl: null,
      jwtSecret: null,
      feedTokens: {},
      sourceKeys: {},
      smtpUrl: null,
    })
  })

  it('takes an address, a key or a token for each venue and source, keys apart from what may be printed', () => {
    const { config, secrets } = readConfig('all', {
      FEEDS: 'indodax',
      FEED_INDODAX_URL: 'ws://127.0.0.1:9',
      FEED_INDODAX_REST_URL: 'http://127.0.0.1:9',
      FEED_INDODAX_TOKEN: 'token',
      SOURCE_OPEN_ER_API_URL: 'http://127.0.0.1:8',
      SOURCE_TWELVEDATA_KEY: 'key',
      SOURCE_CSV_URL: 'file:///prices.csv',
    })
    expect([config.feedUrls, config.feedRestUrls, secrets.feedTokens]).to.deep.equal([
      { indodax: 'ws://127.0.0.1:9' },
      { indodax: 'http://127.0.0.1:9' },
      { indodax: 'token' },
    ])
    expect(config.sources).to.deep.equal([
      'csv',
      'yahoo',
      'twelvedata',
      'coingecko',
      'ecb',
      'frankfurter',
      'open-er-api',
    ])
    expect(JSON.stringify(config)).not.to.include('"key"')
    expect(secrets.sourceKeys).to.deep.equal({ twelvedata: 'key' })
    expect(readConfig('all', { SOURCES: '' }).config.sources).to.include('yahoo')
    expect(readConfig('all', { SOURCES: 'none', FEEDS: 'none' }).config.sources).to.deep.equal([])
    expect(names(refusal('all', { SOURCES: 'csv,finnhub,ecb' }))).to.deep.equal([
      'SOURCE_CSV_URL',
      'SOURCE_FINNHUB_KEY',
    ])
    expect(names(refusal('all', { SOURCES: 'stooq', SOURCE_CSV_URL: 'http://x' }))).to.deep.equal([
      'SOURCES',
      'SOURCE_CSV_URL',
    ])
  })

  it('takes a server for e-mail with its password apart, and needs a sender and an address of its own for it', () => {
    const SMTP_URL = 'smtps://me:hush@mail.example.org:465'
    for (const MAIL_FROM of ['alerts@harta.example', 'Harta, your money <alerts@harta.example>']) {
      const { config, secrets } = readConfig('all', {
        ...{ SMTP_URL, MAIL_FROM, PUBLIC_URL: 'https://harta.example/money/' },
      })
      expect(secrets.smtpUrl).to.equal(SMTP_URL)
      expect([config.mailFrom, config.publicUrl]).to.deep.equal([MAIL_FROM, 'https://harta.example/money/'])
      expect(JSON.stringify(config)).not.to.include('hush')
    }
    expect(names(refusal('worker', { SMTP_URL }))).to.include('MAIL_FROM')
    const PUBLIC_URL = 'https://harta.example'
    expect(names(refusal('all', { SMTP_URL, MAIL_FROM: 'a@b.example' }))).to.deep.equal(['PUBLIC_URL'])
    for (const MAIL_FROM of [
      'nobody',
      'A <b@c.example> x',
      'a@b.example\r\nBcc: c@d.example',
      'A\n<a@b.example>',
    ])
      expect(names(refusal('all', { SMTP_URL, MAIL_FROM, PUBLIC_URL })), MAIL_FROM).to.deep.equal([
        'MAIL_FROM',
      ])
    const wrong = { SMTP_URL: 'smtp://:pass@', MAIL_FROM: 'a@b.example', PUBLIC_URL: 'harta.example' }
    expect(names(refusal('all', wrong))).to.deep.equal(['PUBLIC_URL', 'SMTP_URL'])
    expect(names(refusal('all', { ...wrong, SMTP_URL: 'https://mail.example' }))).to.include('SMTP_URL')
  })

  it('takes networks that webhooks may lead to, as an address and a length', () => {
    expect(readConfig('all', {}).config.webhookNetworks).to.deep.equal([])
    const { config } = readConfig('all', { WEBHOOK_NETWORKS: '192.168.1.0/24, fd12::/48' })
    expect(config.webhookNetworks).to.deep.equal(['192.168.1.0/24', 'fd12::/48'])
    for (const WEBHOOK_NETWORKS of ['192.168.1.1', '127.1/8', '10.0.0.0/33', 'home', 'fe80::%lo/10'])
      expect(names(refusal('all', { WEBHOOK_NETWORKS })), WEBHOOK_NETWORKS).to.deep.equal([
        'WEBHOOK_NETWORKS',
      ])
  })

  it('names every mistake at once', () => {
    const error = refusal('all', {
      PORT: '99999',
      DATABASE_URL: 'mysql://x/y',
      REDIS_URL: 'localhost:6379',
      JWT_SECRET: 'short',
      CORS_ORIGINS: 'https://a.example,https://b.example/path',
      TRUSTED_PROXIES: '-1',
      FEEDS: 'coinbase,nasdaq',
      FEED_KRAKEN_URL: 'http://x',
      PUSH_WINDOW_MS: '1',
      LOG_LEVEL: 'loud',
      BCRYPT_COST: 'twelve',
      SOURCES: 'csv,finnhub',
    })
    expect(names(error)).to.deep.equal([
      'BCRYPT_COST',
      'CORS_ORIGINS',
      'DATABASE_URL',
      'FEEDS',
      'FEED_KRAKEN_URL',
      'JWT_SECRET',
      'LOG_LEVEL',
      'PORT',
      'PUSH_WINDOW_MS',
      'REDIS_URL',
      'SOURCE_CSV_URL',
      'SOURCE_FINNHUB_KEY',
      'TRUSTED_PROXIES',
    ])
    for (const name of names(error)) expect(error.message).to.contain(`  ${name} `)
    expect(error.message).not.to.contain('short')
  })

  it('says what web and worker need, and that one process does without', () => {
    expect(names(refusal('web', {}))).to.deep.equal(['DATABASE_URL', 'JWT_SECRET', 'REDIS_URL'])
    expect(names(refusal('worker', {}))).to.deep.equal(['DATABASE_URL', 'REDIS_URL'])
    expect(refusal('worker', {}).message).to.contain('npm start')
    expect(names(refusal('worker', { PORT: 'x' }))).to.deep.equal(['DATABASE_URL', 'PORT', 'REDIS_URL'])
    expect(names(refusal('all', { DATABASE_URL: 'postgres://h/d' }))).to.deep.equal(['JWT_SECRET'])
  })

  it('listens to everybody only beside a database server', () => {
    const { config } = readConfig('all', { DATABASE_URL: 'postgres://h/d', JWT_SECRET: SECRET })
    expect(config.host).to.equal('0.0.0.0')
    expect(readConfig('all', { HOST: '::1' }).config.host).to.equal('::1')
  })

  it('takes empty variables for none, and lists with blanks', () => {
    const { config } = readConfig('all', {
      PORT: '',
      FEEDS: ' kraken , coinbase,',
      CORS_ORIGINS: 'https://a.example',
    })
    expect(config).to.deep.include({
      port: 3000,
      feeds: ['kraken', 'coinbase'],
      corsOrigins: ['https://a.example'],
    })
  })

  it('holds no secret, and cannot be changed', () => {
    const { config, secrets } = readConfig('all', {
      DATABASE_URL: 'postgres://user:hidden-1@h/d',
      REDIS_URL: 'redis://:hidden-2@h',
      JWT_SECRET: `hidden-3${SECRET}`,
    })
    expect(JSON.stringify(config)).not.to.contain('hidden')
    expect(JSON.stringify(secrets)).to.contain('hidden-1').and.contain('hidden-2').and.contain('hidden-3')
    expect(Object.isFrozen(config) && Object.isFrozen(config.feedUrls) && Object.isFrozen(secrets)).to.equal(
      true,
    )
  })

  it('ends the program with code 1 and every mistake when it is wrong', async function () {
    this.timeout(30_000)
    const [wrong, bare, unknown] = [
      startProgram('all', { PORT: 'x', BCRYPT_COST: '99' }),
      startProgram('web', {}),
      startProgram('everything', {}),
    ]
    expect([await wrong.ended, await bare.ended, await unknown.ended]).to.deep.equal([1, 1, 1])
    expect(wrong.output()).to.contain('PORT').and.contain('BCRYPT_COST').and.not.contain('    at ')
    expect(bare.output())
      .to.contain('DATABASE_URL')
      .and.contain('REDIS_URL')
      .and.contain('JWT_SECRET')
      .and.not.contain('    at ')
    expect(unknown.output()).to.contain('everything')
  })
})
