import { expect } from 'chai'
import { z } from 'zod'
import { contentTag, requireMatch, versionTag } from '../../src/http/etag.js'
import { guard } from '../../src/http/guard.js'
import { type Door, openDoor, problemOf } from './door.js'

const thing = z.object({ id: z.string(), version: z.number() })

describe('entity tags', () => {
  let door: Door
  let version = 1
  before(async () => {
    door = await openDoor((router) => {
      const answer = { answer: thing, etag: versionTag }
      router.get(
        '/thing',
        guard({ ...answer, open: true }, async () => ({ id: 'a', version })),
      )
      router.patch(
        '/thing',
        guard({ ...answer, open: true }, async ({ ctx }) => {
          requireMatch(ctx, versionTag({ id: 'a', version }))
          version += 1
          return { id: 'a', version }
        }),
      )
    })
  })
  beforeEach(() => {
    version = 1
  })
  after(() => door.close())

  const get = (known: string) => fetch(`${door.url}/thing`, { headers: { 'If-None-Match': known } })
  const patch = (wanted: string) =>
    fetch(`${door.url}/thing`, { method: 'PATCH', headers: { 'If-Match': wanted } })

  it('tell the version, and spare a body that is known', async () => {
    const response = await fetch(`${door.url}/thing`)
    expect(response.headers.get('etag')).to.equal('"a.1"')
    expect(response.headers.get('cache-control')).to.equal('private, no-cache')
    for (const known of ['"a.1"', 'W/"a.1"', '"x", "a.1"', '*'])
      expect((await get(known)).status, known).to.equal(304)
    for (const old of ['"a.0"', 'a.1', '"a.11"']) expect((await get(old)).status, old).to.equal(200)
  })

  it('keep a change out that was made from an older version', async () => {
    const changed = await patch('"a.1"')
    expect(changed.headers.get('etag')).to.equal('"a.2"')
    const stale = await patch('"a.1"')
    expect(stale.status).to.equal(412)
    expect(stale.headers.get('etag')).to.equal(null)
    expect((await problemOf(stale)).code).to.equal('precondition-failed')
    expect((await patch('W/"a.2"')).status).to.equal(412)
    expect((await patch('*')).status).to.equal(200)
  })

  it('follow the content where no version is counted', () => {
    expect(contentTag({ a: 1 })).to.equal(contentTag({ a: 1 }))
    expect(contentTag({ a: 1 })).not.to.equal(contentTag({ a: 2 }))
    expect(contentTag({})).to.match(/^"[A-Za-z0-9_-]{27}"$/)
  })
})
