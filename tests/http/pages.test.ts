import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { readInput } from '../../src/http/guard.js'
import {
  encodeCursor,
  type PageAsk,
  type Position,
  pageClause,
  pageOf,
  pageQuery,
} from '../../src/http/pages.js'
import { AppError } from '../../src/lib/errors.js'
import type { Page } from '../../src/protocol/resources.js'

/** What the database does with a clause, for rows that are in memory. */
function select(rows: readonly Position[], { where, take }: ReturnType<typeof pageClause>): Position[] {
  return rows
    .filter((row) => where.id === undefined || row.id < where.id.lt)
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, take)
}

describe('lists by cursor', () => {
  it('hand out every row once, the newest first', () => {
    const rows = fc
      .uniqueArray(fc.uuid({ version: 7 }), { maxLength: 30 })
      .map((ids) => ids.map((id) => ({ id })))
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 7 }), (made, limit) => {
        const seen: string[] = []
        let cursor: string | null = null
        for (let turn = 0; turn <= made.length; turn += 1) {
          const ask: PageAsk = readInput(pageQuery, {
            limit: String(limit),
            ...(cursor === null ? {} : { cursor }),
          })
          const page: Page<string> = pageOf(select(made, pageClause(ask)), ask.limit, (row) => row.id)
          seen.push(...page.data)
          expect(page.data.length).to.be.at.most(limit)
          cursor = page.nextCursor
          if (cursor === null) break
        }
        expect(cursor).to.equal(null)
        expect(seen).to.deep.equal(
          made
            .map((row) => row.id)
            .sort()
            .reverse(),
        )
      }),
    )
  })

  it('show fifty when not told, and a hundred at most', () => {
    expect(readInput(pageQuery, {})).to.deep.equal({ limit: 50 })
    expect(readInput(pageQuery, { limit: '100' }).limit).to.equal(100)
    for (const limit of ['101', '0', '-1', '1.5', '1e2', '', ' 1', ['1', '2'], '99999999999999999999']) {
      expect(() => readInput(pageQuery, { limit }), String(limit)).to.throw(AppError)
    }
  })

  it('refuse a cursor that is not one of ours', () => {
    const id = randomUUID()
    expect(readInput(pageQuery, { cursor: encodeCursor({ id }) }).cursor).to.deep.equal({ id })
    const forge = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      forge([1]),
      forge([randomUUID(), 1]),
      forge(["' OR 1=1"]),
      forge([{ id: randomUUID() }]),
      forge({}),
      forge(null),
      'x',
      '',
      'e'.repeat(300),
    ]
    for (const cursor of forged) {
      expect(() => readInput(pageQuery, { cursor }), cursor)
        .to.throw(AppError)
        .with.property('code', 'invalid-input')
    }
  })
})
