import type { Database } from '../../src/database/database.js'
import type { Page, Session, SessionSummary } from '../../src/protocol/resources.js'
import { announced } from '../support/notifications.js'
import { PASSWORD, type Person, send } from '../support/people.js'

/**
 * What tests/http/isolation.test.ts needs to know of each resource. Whoever adds a route adds a line where the test
 * asks for one: how a user comes to own such a thing, and a body that the route takes.
 */
export interface Owner extends Person {
  readonly url: string
  readonly db: Database
  /** Stands in names and notes of everything that is this owner's, and nowhere else. */
  readonly mark: string
  /** The id of this owner's one of these (a key of OWNED or BESIDE), made when it is first asked for. */
  id(what: string): Promise<string>
  /** Makes something at this address; its id. */
  make(path: string, body: object): Promise<string>
}

type Factory = (owner: Owner) => Promise<string>
type Body = (owner: Owner) => object | Promise<object>

const ASSET = '/v1/assets/{id}'
const GOAL = '/v1/goals/{id}'
const CATEGORY = '/v1/categories/{id}'
const WEBHOOK = '/v1/webhooks/{id}'
/** Where nobody listens. */
const NOBODY = 'http://127.0.0.1:2/'
const date = '2024-03-01'

/** A path up to its last parameter, and how somebody comes to own what that names. */
export const OWNED: Readonly<Record<string, Factory>> = {
  [ASSET]: ({ make, mark }) =>
    make('/v1/assets', { ...coin, name: mark, quantity: '2', unitPrice: '5', pricing: 'MANUAL' }),
  '/v1/assets/{id}/activities/{activityId}': async ({ make, mark, id }) =>
    make(`/v1/assets/${await id(ASSET)}/activities`, { ...buy, note: mark }),
  '/v1/me/sessions/{id}': otherSession,
  '/v1/incomes/{id}': ({ make, mark }) => make('/v1/incomes', { amount: '3', date, note: mark }),
  '/v1/expenses/{id}': ({ make, mark }) => make('/v1/expenses', { amount: '4', date, note: mark }),
  [CATEGORY]: ({ make, mark }) => make('/v1/categories', { kind: 'EXPENSE', name: mark }),
  '/v1/budgets/{id}': async ({ make, id }) =>
    make('/v1/budgets', { categoryId: await id(CATEGORY), amount: '50' }),
  '/v1/recurring/{id}': ({ make, mark }) => make('/v1/recurring', { ...rule, name: mark }),
  [GOAL]: ({ make, mark }) => make('/v1/goals', { name: mark, target: '100', basis: 'CONTRIBUTIONS' }),
  '/v1/goals/{id}/contributions/{contributionId}': async ({ make, mark, id }) =>
    make(`/v1/goals/${await id(GOAL)}/contributions`, { amount: '7', date, note: mark }),
  '/v1/alerts/{id}': ({ make, mark }) => make('/v1/alerts', { ...alert, note: mark }),
  '/v1/notifications/{id}': async ({ db, userId, mark }) =>
    (await announced(db, userId, { title: mark })).notification.id,
  '/v1/push/subscriptions/{id}': ({ make, mark }) =>
    make('/v1/push/subscriptions', { ...browser, endpoint: `https://push.example/${mark}` }),
  '/v1/imports/{id}': ({ make, mark }) =>
    make('/v1/imports', { format: 'csv', fileName: mark, content: 'date,amount\n' }),
  [WEBHOOK]: ({ make, mark }) => make('/v1/webhooks', { name: mark, url: NOBODY }),
  '/v1/webhooks/{id}/deliveries/{deliveryId}': async ({ make, id }) =>
    make(`/v1/webhooks/${await id(WEBHOOK)}/test`, {}),
}

/** More of what somebody owns, for fields that refer to it. */
export const BESIDE: Readonly<Record<string, Factory>> = {
  account: ({ make, mark }) => make('/v1/assets', { type: 'CASH', name: mark, quantity: '900', date }),
  'another coin': ({ make, mark }) => make('/v1/assets', { ...coin, name: mark, quantity: '1' }),
  'kind of income': ({ make, mark }) => make('/v1/categories', { kind: 'INCOME', name: mark }),
}

const coin = { type: 'CRYPTO', symbol: 'BTC-USD', unitCost: '5', date }
const buy = { type: 'BUY', date, quantity: '1', unitPrice: '1' }
const rule = { kind: 'EXPENSE', amount: '5', frequency: 'MONTHLY', startsOn: '2100-01-01' }
const browser = {
  keys: {
    p256dh: 'BP_Eit5_NyCfimEkdCV1W31lbUD0L0j12nnNAr0X1L8FFP-6FCOXlLwtZ_ZuPGiC_1N3rirzXgEPEvtPt0jnY5c',
    auth: '7QB-5bu9Pxxw-JFLDf9AFw',
  },
}
const money = { amount: '6', date }
const alert = { kind: 'PRICE', symbol: 'BTC-USD', condition: 'above', threshold: '999999' }

/** A body that each route with a body takes. */
export const BODIES: Readonly<Record<string, Body>> = {
  'POST /v1/assets': () => ({ type: 'CASH', quantity: '1' }),
  'PATCH /v1/assets/{id}': () => ({ name: 'Mine now' }),
  'POST /v1/assets/{id}/activities': () => buy,
  'PATCH /v1/assets/{id}/activities/{activityId}': () => ({ note: 'Mine now' }),
  'POST /v1/assets/{id}/prices': () => ({ date, unitPrice: '1' }),
  'POST /v1/incomes': () => money,
  'PATCH /v1/incomes/{id}': () => ({ amount: '9' }),
  'POST /v1/expenses': () => money,
  'PATCH /v1/expenses/{id}': () => ({ amount: '9' }),
  'POST /v1/categories': () => ({ kind: 'INCOME', name: 'Anything' }),
  'PATCH /v1/categories/{id}': () => ({ name: 'Mine now' }),
  'POST /v1/budgets': async ({ id }) => ({
    categoryId: await id(CATEGORY),
    amount: '5',
    month: '2024-03',
  }),
  'PATCH /v1/budgets/{id}': () => ({ amount: '9' }),
  'POST /v1/recurring': () => rule,
  'PATCH /v1/recurring/{id}': () => ({ amount: '9' }),
  'POST /v1/goals': () => ({ name: 'Anything', target: '9', basis: 'CONTRIBUTIONS' }),
  'PATCH /v1/goals/{id}': () => ({ name: 'Mine now' }),
  'POST /v1/goals/{id}/contributions': () => ({ amount: '9' }),
  'PATCH /v1/goals/{id}/contributions/{contributionId}': () => ({ amount: '9' }),
  'POST /v1/alerts': () => alert,
  'PATCH /v1/alerts/{id}': () => ({ note: 'Mine now' }),
  'POST /v1/notifications/seen': () => ({ all: true }),
  'PATCH /v1/notifications/settings': () => ({ push: false }),
  'PATCH /v1/notifications/{id}': () => ({ seen: true }),
  'POST /v1/notifications/try': () => ({ channel: 'push' }),
  'POST /v1/push/subscriptions': () => ({ ...browser, endpoint: 'https://push.example/other' }),
  'POST /v1/imports': () => ({ format: 'csv', content: 'date,amount\n' }),
  'POST /v1/webhooks': () => ({ url: NOBODY }),
  'PATCH /v1/webhooks/{id}': () => ({ name: 'Mine now' }),
  // With a field that goes with certain others only.
  'POST /v1/alerts goalId': () => ({ kind: 'GOAL' }),
  'POST /v1/alerts budgetId': () => ({ kind: 'BUDGET' }),
  'POST /v1/alerts assetId': () => ({ kind: 'PORTFOLIO', condition: 'share', percent: '50' }),
  'POST /v1/goals assetIds': () => ({ name: 'Anything', target: '9', basis: 'ASSETS' }),
  'PATCH /v1/goals/{id} assetIds': () => ({ basis: 'ASSETS' }),
  'POST /v1/assets/{id}/activities toAssetId': () => ({ type: 'TRANSFER_OUT', date, quantity: '0.1' }),
}

/** What a field of a body refers to: a key of OWNED or BESIDE, for all routes or for one. */
export const REFERENCES: Readonly<Record<string, string>> = {
  assetId: 'account',
  accountId: 'account',
  assetIds: ASSET,
  goalId: GOAL,
  budgetId: '/v1/budgets/{id}',
  toAssetId: 'another coin',
  categoryId: CATEGORY,
  'POST /v1/incomes categoryId': 'kind of income',
  'PATCH /v1/incomes/{id} categoryId': 'kind of income',
}

/** Fields of a body that are called like references and name what lies outside of this server. */
export const OUTSIDE = ['chatId']

/** Paths whose parameter names what belongs to nobody. */
export const SHARED = ['/v1/instruments/{symbol}', '/v1/prices/{symbol}']

/** Whoever asks these need not be signed in. */
export const OPEN = [
  'GET /',
  'GET /demo.json',
  'GET /docs',
  'GET /livez',
  'GET /metrics',
  'GET /openapi.json',
  'GET /readyz',
  'GET /v1/notifications/confirm',
  'GET /v1/notifications/unsubscribe',
  'POST /v1/auth/login',
  'POST /v1/auth/refresh',
  'POST /v1/auth/register',
  'POST /v1/notifications/confirm',
  'POST /v1/notifications/unsubscribe',
]

/** What a GET needs beside its path. */
export const QUERIES: Readonly<Record<string, string>> = {
  '/v1/instruments': 'query=BTC',
  '/v1/notifications/confirm': 'token=none',
  '/v1/notifications/unsubscribe': 'token=none',
  '/v1/prices': 'symbols=BTC-USD',
  '/v1/prices/{symbol}/candles': 'interval=1d',
}

export function ownerOf({ url, db }: Pick<Owner, 'url' | 'db'>, person: Person): Owner {
  const made = new Map<string, Promise<string>>()
  const owner: Owner = {
    ...person,
    url,
    db,
    mark: `mark-${person.userId.slice(-8)}`,
    id(what) {
      const factory = OWNED[what] ?? BESIDE[what]
      if (!factory) throw new Error(`tests/http/owned.ts does not say how somebody comes to own: ${what}`)
      const known = made.get(what) ?? factory(owner)
      made.set(what, known)
      return known
    },
    async make(path, body) {
      const answer = await person.ask<{ id: string }>('POST', path, body)
      if (answer.status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer.body)}`)
      return answer.body.id
    },
  }
  return owner
}

async function otherSession({ url, session, ask }: Owner): Promise<string> {
  await send<Session>(url, 'POST', '/v1/auth/login', { email: session.user.email, password: PASSWORD })
  const { body } = await ask<Page<SessionSummary>>('GET', '/v1/me/sessions')
  const other = body.data.find(({ current }) => !current)
  if (!other) throw new Error('there is no other session')
  return other.id
}
