import { z } from 'zod'
import { isNetwork } from '../delivery/network.js'
import { AppError } from '../lib/errors.js'
import type { LogLevel } from '../lib/log.js'

/**
 * The environment, read once and checked whole: every mistake is reported by name, at once. Secrets are kept
 * apart from the configuration, so that the configuration may be printed.
 */
export type Part = 'web' | 'worker' | 'all' | 'migrate'

/** In order of preference where several quote the same pair. */
const VENUE_IDS = [
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
] as const
export type VenueId = (typeof VENUE_IDS)[number]

const SOURCE_IDS = [
  'csv',
  'yahoo',
  'twelvedata',
  'finnhub',
  'alphavantage',
  'coingecko',
  'ecb',
  'frankfurter',
  'open-er-api',
  'bank-indonesia',
] as const
export type SourceId = (typeof SOURCE_IDS)[number]

/** Those that answer nobody without a key. */
const KEYED_SOURCES: readonly SourceId[] = ['twelvedata', 'finnhub', 'alphavantage']
/** Those that answer without a key and without being told where. */
const DEFAULT_SOURCES: readonly SourceId[] = ['yahoo', 'coingecko', 'ecb', 'frankfurter', 'open-er-api']

export interface Config {
  readonly part: Part
  readonly port: number
  readonly host: string
  readonly dataDir: string
  /** In proxies that are trusted, counted from the server outwards. */
  readonly trustedProxies: number
  readonly corsOrigins: readonly string[]
  /** In order of preference. */
  readonly feeds: readonly VenueId[]
  /** WebSocket addresses in place of the venues' own. */
  readonly feedUrls: Readonly<Partial<Record<VenueId, string>>>
  /** HTTP addresses in place of the venues' own. */
  readonly feedRestUrls: Readonly<Partial<Record<VenueId, string>>>
  /** In order of preference: stocks, coins that no venue lists, exchange rates. */
  readonly sources: readonly SourceId[]
  /** Addresses in place of the sources' own. */
  readonly sourceUrls: Readonly<Partial<Record<SourceId, string>>>
  /** Where the dashboard is, as links in messages name it; null: not known. */
  readonly publicUrl: string | null
  /** Whom e-mail comes from, `name@host` or `Name <name@host>`; null: none is sent. */
  readonly mailFrom: string | null
  /** Networks that webhooks may lead to although they are not public, in CIDR notation. */
  readonly webhookNetworks: readonly string[]
  readonly pushWindowMs: number
  readonly logLevel: LogLevel
  readonly bcryptCost: number
}

export interface Secrets {
  readonly databaseUrl: string | null
  readonly redisUrl: string | null
  readonly jwtSecret: string | null
  readonly feedTokens: Readonly<Partial<Record<VenueId, string>>>
  readonly sourceKeys: Readonly<Partial<Record<SourceId, string>>>
  /** The server that takes e-mail, mostly with a password; null: none is sent. */
  readonly smtpUrl: string | null
}

export type Environment = Readonly<Record<string, string | undefined>>

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'has to be a whole number')
    .transform(Number)
    .refine((number) => number >= least && number <= most, `has to be from ${least} to ${most}`)

const address = (...protocols: readonly string[]) =>
  z.string().refine((text) => isAddress(text, protocols), {
    message: `has to be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  })

/** A WebSocket, for one, refuses an address with a fragment. */
function isAddress(text: string, protocols: readonly string[]): boolean {
  return URL.canParse(text) && protocols.includes(new URL(text).protocol) && !text.includes('#')
}

const list = <T extends z.ZodType<string, string>>(item: T) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item))

/** A choice of these, in the order given; `none` for none of them. */
const choice = <Id extends string>(ids: readonly [Id, ...Id[]]) =>
  z
    .string()
    .transform((text) => (text.trim() === 'none' ? '' : text))
    .pipe(list(z.enum(ids)))

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'has to be an origin such as https://example.org',
  )

const network = z.string().refine(isNetwork, 'has to name networks such as 192.168.1.0/24')

/** `alerts@example.org` or `Harta <alerts@example.org>`. */
const sender = z.string().refine((text) => {
  const named = /^([^<>"\p{Cc}]+)<([^<>]+)>$/u.exec(text)
  return z
    .email()
    .max(254)
    .safeParse(named?.[2] ?? text).success
}, 'has to be an e-mail address, with or without a name: Harta <alerts@example.org>')

/** Variables that there are for each of these, by the id as the environment spells it. */
function each(
  ids: readonly string[],
  variables: (name: string) => Record<string, z.ZodOptional<z.ZodType<string, string>>>,
): Record<string, z.ZodOptional<z.ZodType<string, string>>> {
  return Object.assign({}, ...ids.map((id) => variables(variableName(id))))
}

function variableName(id: string): string {
  return id.toUpperCase().replaceAll('-', '_')
}

/** What is given of `PREFIX_<ID>_SUFFIX`, by id. */
function given<Id extends string>(
  told: Environment,
  ids: readonly Id[],
  prefix: string,
  suffix: string,
): Readonly<Partial<Record<Id, string>>> {
  const found: Partial<Record<Id, string>> = {}
  for (const id of ids) {
    const text = told[`${prefix}_${variableName(id)}_${suffix}`]
    if (text !== undefined) found[id] = text
  }
  return Object.freeze(found)
}

const environment = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: address('postgres:', 'postgresql:').optional(),
  REDIS_URL: address('redis:', 'rediss:').optional(),
  JWT_SECRET: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32, 'has to have at least 32 bytes')
    .optional(),
  CORS_ORIGINS: list(origin).default([]),
  TRUSTED_PROXIES: whole(0, 10).default(0),
  FEEDS: choice(VENUE_IDS).default([...VENUE_IDS]),
  ...each(VENUE_IDS, (name) => ({
    [`FEED_${name}_URL`]: address('ws:', 'wss:').optional(),
    [`FEED_${name}_REST_URL`]: address('http:', 'https:').optional(),
    [`FEED_${name}_TOKEN`]: z.string().max(4_096).optional(),
  })),
  SOURCES: choice(SOURCE_IDS).optional(),
  ...each(SOURCE_IDS, (name) => ({
    [`SOURCE_${name}_URL`]: (name === 'CSV' ? address('file:') : address('http:', 'https:')).optional(),
    [`SOURCE_${name}_KEY`]: z.string().max(1_024).optional(),
  })),
  PUBLIC_URL: address('http:', 'https:').optional(),
  SMTP_URL: address('smtp:', 'smtps:')
    .refine((text) => !URL.canParse(text) || new URL(text).hostname !== '', 'has to name a host')
    .optional(),
  MAIL_FROM: sender.optional(),
  WEBHOOK_NETWORKS: list(network).default([]),
  PUSH_WINDOW_MS: whole(20, 60_000).default(250),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BCRYPT_COST: whole(4, 16).default(12),
})

/** The environment that this process was started with. */
export function processEnvironment(): Environment {
  return process.env
}

/** Throws AppError `invalid` whose `errors` name every mistaken variable. */
export function readConfig(part: Part, env: Environment): { config: Config; secrets: Secrets } {
  const told = Object.fromEntries(Object.entries(env).filter(([, text]) => text !== undefined && text !== ''))
  const read = environment.safeParse(told)
  const mistakes = read.success
    ? []
    : read.error.issues.map((issue) => ({ name: String(issue.path[0]), detail: issue.message }))
  for (const name of needed(part, told)) {
    if (told[name] === undefined) mistakes.push({ name, detail: `is needed ${why(name, part)}` })
  }
  for (const name of ['MAIL_FROM', 'PUBLIC_URL'])
    if (told.SMTP_URL !== undefined && told[name] === undefined)
      mistakes.push({ name, detail: 'is needed with SMTP_URL' })
  const sourceUrls = given(told, SOURCE_IDS, 'SOURCE', 'URL')
  const sourceKeys = given(told, SOURCE_IDS, 'SOURCE', 'KEY')
  const listed = environment.shape.SOURCES.safeParse(told.SOURCES)
  const sources = listed.success ? (listed.data ?? chosenSources(sourceUrls, sourceKeys)) : []
  mistakes.push(...lacking(sources, sourceUrls, sourceKeys))
  if (!read.success || mistakes.length > 0) throw refused(mistakes)
  const config: Config = {
    part,
    port: read.data.PORT,
    host: read.data.HOST ?? (read.data.DATABASE_URL === undefined ? '127.0.0.1' : '0.0.0.0'),
    dataDir: read.data.DATA_DIR,
    trustedProxies: read.data.TRUSTED_PROXIES,
    corsOrigins: read.data.CORS_ORIGINS,
    feeds: read.data.FEEDS,
    feedUrls: given(told, VENUE_IDS, 'FEED', 'URL'),
    feedRestUrls: given(told, VENUE_IDS, 'FEED', 'REST_URL'),
    sources,
    sourceUrls,
    publicUrl: read.data.PUBLIC_URL ?? null,
    mailFrom: read.data.SMTP_URL === undefined ? null : (read.data.MAIL_FROM ?? null),
    webhookNetworks: read.data.WEBHOOK_NETWORKS,
    pushWindowMs: read.data.PUSH_WINDOW_MS,
    logLevel: read.data.LOG_LEVEL,
    bcryptCost: read.data.BCRYPT_COST,
  }
  const secrets: Secrets = {
    databaseUrl: read.data.DATABASE_URL ?? null,
    redisUrl: read.data.REDIS_URL ?? null,
    jwtSecret: read.data.JWT_SECRET ?? null,
    feedTokens: given(told, VENUE_IDS, 'FEED', 'TOKEN'),
    sourceKeys,
    smtpUrl: read.data.SMTP_URL ?? null,
  }
  return { config: Object.freeze(config), secrets: Object.freeze(secrets) }
}

/** Without a list: what needs nothing, and what an address or a key was given for. */
function chosenSources(...given: readonly Readonly<Partial<Record<SourceId, string>>>[]): SourceId[] {
  return SOURCE_IDS.filter((id) => DEFAULT_SOURCES.includes(id) || given.some((known) => id in known))
}

/** What chosen sources cannot do without. */
function lacking(
  sources: readonly SourceId[],
  urls: Readonly<Partial<Record<SourceId, string>>>,
  keys: Readonly<Partial<Record<SourceId, string>>>,
): readonly { readonly name: string; readonly detail: string }[] {
  return sources.flatMap((id) => {
    const name = `SOURCE_${variableName(id)}`
    const detail = `is needed with ${id} among SOURCES`
    if (id === 'csv' && urls.csv === undefined) return [{ name: `${name}_URL`, detail }]
    return KEYED_SOURCES.includes(id) && keys[id] === undefined ? [{ name: `${name}_KEY`, detail }] : []
  })
}

function needed(part: Part, env: Environment): readonly string[] {
  if (part === 'web') return ['DATABASE_URL', 'REDIS_URL', 'JWT_SECRET']
  if (part === 'worker') return ['DATABASE_URL', 'REDIS_URL']
  if (part === 'migrate') return []
  return env.DATABASE_URL === undefined ? [] : ['JWT_SECRET']
}

function why(name: string, part: Part): string {
  if (name === 'JWT_SECRET') return 'with DATABASE_URL, the same for all web processes'
  return `to run ${part} as a process of its own; "npm start" runs all in one without it`
}

function refused(mistakes: readonly { name: string; detail: string }[]): AppError {
  const lines = mistakes.map(({ name, detail }) => `  ${name} ${detail}`)
  return new AppError(
    'invalid',
    'invalid-configuration',
    `The configuration is wrong:\n${lines.join('\n')}`,
    {
      errors: mistakes.map(({ name, detail }) => ({ pointer: `/${name}`, detail })),
    },
  )
}
