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
  const [older, tied] = where.OR ?? []
  return rows
    .filter((row) => {
      if (!older || !tied) return true
      if ('lt' in older.createdAt && row.createdAt.getTime() < older.createdAt.lt.getTime()) return true
      const sameTime = tied.createdAt instanceof Date && row.createdAt.getTime() === tied.createdAt.getTime()
      return sameTime && 'id' in tied && tied.id !== undefined && row.id < tied.id.lt
    })
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))
    .slice(0, take)
}

describe('lists by cursor', () => {
  it('hand out every row once, in order, also where many were made at the same instant', () => {
    const rows = fc.array(
      fc.record({ createdAt: fc.integer({ min: 0, max: 5 }).map((ms) => new Date(ms)), id: fc.uuid() }),
    )
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
        expect([...seen].sort()).to.deep.equal(made.map((row) => row.id).sort())
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
    const good = encodeCursor({ createdAt: new Date(5), id: randomUUID() })
    expect(readInput(pageQuery, { cursor: good }).cursor?.createdAt).to.deep.equal(new Date(5))
    const forge = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      forge([1]),
      forge([9e15, randomUUID()]),
      forge([1, "' OR 1=1"]),
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
