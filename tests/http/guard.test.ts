import { expect } from 'chai'
import { z } from 'zod'
import { guard } from '../../src/http/guard.js'
import {
  calendarDate,
  currency,
  decimal,
  idParams,
  locale,
  nameText,
  timeZone,
} from '../../src/http/schema.js'
import { type Door, openDoor, problemOf, sendJson } from './door.js'

const body = z.object({
  name: nameText(20).optional(),
  quantity: decimal.optional(),
  currency: currency.optional(),
  date: calendarDate.optional(),
  timeZone: timeZone.optional(),
  locale: locale.optional(),
  'a/b~c': z.string().optional(),
  inner: z.strictObject({ list: z.array(z.string()).max(3) }).optional(),
})

describe('the guard', () => {
  let door: Door
  before(async () => {
    door = await openDoor((router) => {
      router.post(
        '/echo',
        guard({ open: true, body, answer: body }, async (asked) => asked.body),
      )
      const plain = z.object({
        ...{ missing: z.string(), text: z.string(), list: z.array(z.string()).max(3), count: z.int() },
        ...{ few: z.int().max(8), isOn: z.boolean(), choice: z.enum(['a', 'b']), long: z.string().max(3) },
        made: z.discriminatedUnion('by', [
          z.object({ by: z.literal('app') }),
          z.object({ by: z.literal('page') }),
        ]),
      })
      router.post(
        '/plain',
        guard({ open: true, body: plain, answer: plain }, async (asked) => asked.body),
      )
      router.get(
        '/items/:id',
        guard({ open: true, params: idParams, answer: z.object({ id: z.string() }) }, async ({ params }) => {
          return { id: params.id, passwordHash: 'secret' } as { id: string }
        }),
      )
      router.get(
        '/lies',
        guard({ open: true, answer: z.object({ id: z.string() }) }, async () => JSON.parse('{}')),
      )
      router.get(
        '/private',
        guard({ answer: z.object({ id: z.string() }) }, async ({ actor }) => ({ id: actor.userId })),
      )
      const query = z.object({ q: z.string().optional() })
      router.get(
        '/search',
        guard({ open: true, query, answer: query }, async (asked) => asked.query),
      )
      router.delete(
        '/gone',
        guard({ open: true }, async () => undefined),
      )
    })
  })
  after(() => door.close())

  const errorsOf = async (sent: unknown) => {
    const response = await sendJson(`${door.url}/echo`, sent)
    expect(response.status, JSON.stringify(sent).slice(0, 80)).to.equal(422)
    const problem = await problemOf(response)
    expect(problem.code).to.equal('invalid-input')
    return (problem.errors ?? []).map((error) => error.pointer)
  }

  it('points at each mistaken field', async () => {
    expect(await errorsOf({ quantity: 1, name: ' ' })).to.have.members(['/quantity', '/name'])
    expect(await errorsOf({ inner: { list: ['a', 7] } })).to.deep.equal(['/inner/list/1'])
    expect(await errorsOf({ 'a/b~c': 1 })).to.deep.equal(['/a~1b~0c'])
  })

  it('says in plain words what is missing, of the wrong type, too long or none of the choices', async () => {
    const response = await sendJson(`${door.url}/plain`, {
      ...{
        text: 5,
        list: 'abcd',
        count: 1.5,
        few: 9,
        isOn: 'yes',
        choice: 'c',
        long: 'abcd',
        made: { by: 'hand' },
      },
    })
    expect((await problemOf(response)).errors).to.deep.equal([
      { pointer: '/missing', detail: 'is needed' },
      { pointer: '/text', detail: 'must be text' },
      { pointer: '/list', detail: 'must be a list' },
      { pointer: '/count', detail: 'must be a whole number' },
      { pointer: '/few', detail: 'must be 8 at most' },
      { pointer: '/isOn', detail: 'must be true or false' },
      { pointer: '/choice', detail: 'must be one of a, b' },
      { pointer: '/long', detail: 'must have 3 characters at most' },
      { pointer: '/made/by', detail: 'must be one of app, page' },
    ])
  })

  it('refuses fields that it does not know, nested ones too', async () => {
    expect(await errorsOf({ role: 'ADMIN', constructor: 1 })).to.have.members(['/role', '/constructor'])
    expect(await errorsOf({ inner: { list: [], extra: 1 } })).to.deep.equal(['/inner/extra'])
    expect(await errorsOf([])).to.deep.equal([''])
  })

  it('refuses NUL characters and unpaired surrogates wherever they stand', async () => {
    expect(await errorsOf('{"name": "a\\u0000b"}')).to.deep.equal(['/name'])
    expect(await errorsOf('{"name": "a\\ud800"}')).to.deep.equal(['/name'])
    expect(await errorsOf('{"inner": {"list": ["\\udc00"]}}')).to.deep.equal(['/inner/list/0'])
    expect(await errorsOf('{"k\\u0000": 1}')).to.deep.equal([''])
    const query = await fetch(`${door.url}/search?q=a%00b`)
    expect(query.status).to.equal(422)
    const emoji = await sendJson(`${door.url}/echo`, { name: '💰 savings' })
    expect(await emoji.json()).to.deep.equal({ name: '💰 savings' })
  })

  it('refuses decimals that are not plain text in range', async () => {
    for (const quantity of [
      '1e5',
      '0x10',
      '1_000',
      'Infinity',
      'NaN',
      '',
      ' 1',
      '01',
      '1.',
      '.5',
      '+1',
      '1'.repeat(21),
    ]) {
      expect(await errorsOf({ quantity }), quantity).to.include('/quantity')
    }
    expect(await errorsOf('{"quantity": 1e999}')).to.deep.equal(['/quantity'])
    expect(await errorsOf({ quantity: '9'.repeat(500_000) })).to.include('/quantity')
  })

  it('refuses dates, currencies, zones and languages that do not exist', async () => {
    for (const date of ['2026-02-29', '2026-13-01', '2026-1-1', '0000-01-01', '2026-01-01T00:00:00Z']) {
      expect(await errorsOf({ date }), date).to.include('/date')
    }
    expect(await errorsOf({ currency: 'usd' })).to.deep.equal(['/currency'])
    for (const zone of ['Mars/Olympus', '+07:00', '', 'UTC; DROP']) {
      expect(await errorsOf({ timeZone: zone }), zone).to.include('/timeZone')
    }
    expect(await errorsOf({ locale: 'not a tag' })).to.deep.equal(['/locale'])
    const good = { date: '2028-02-29', currency: 'IDR', timeZone: 'Asia/Jakarta', locale: 'id-ID' }
    expect(await (await sendJson(`${door.url}/echo`, good)).json()).to.deep.equal(good)
  })

  it('takes a path whose parameter does not fit for one that names nothing', async () => {
    for (const id of ['7', '%00', '..%2F..', 'x'.repeat(500), '%E0%A4%A']) {
      const response = await fetch(`${door.url}/items/${id}`)
      expect(response.status, id).to.equal(404)
      expect((await problemOf(response)).code).to.equal('not-found')
    }
  })

  it('lets no field out that the answer does not name, and takes a wrong answer for a bug', async () => {
    const id = 'b6b8a9ae-6c0c-4f1e-9d3a-111111111111'
    expect(await (await fetch(`${door.url}/items/${id}`)).json()).to.deep.equal({ id })
    const lie = await fetch(`${door.url}/lies`)
    expect(lie.status).to.equal(500)
    expect((await problemOf(lie)).detail).not.to.contain('string')
  })

  it('refuses a route that needs an actor when nobody has signed in', async () => {
    const response = await fetch(`${door.url}/private`)
    expect(response.status).to.equal(401)
    expect(response.headers.get('www-authenticate')).to.contain('Bearer')
  })

  it('answers 204 without a body where there is nothing to tell', async () => {
    const response = await fetch(`${door.url}/gone`, { method: 'DELETE' })
    expect(response.status).to.equal(204)
  })

  it('refuses repeated and unknown query fields', async () => {
    for (const query of ['q=1&q=2', 'x=1', '__proto__=1']) {
      expect((await fetch(`${door.url}/search?${query}`)).status, query).to.equal(422)
    }
  })
})
