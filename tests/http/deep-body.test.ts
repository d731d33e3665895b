import { expect } from 'chai'
import { z } from 'zod'
import { guard } from '../../src/http/guard.js'
import { type Door, openDoor, problemOf } from './door.js'

describe('a body that is nested deeply', () => {
  let door: Door
  before(async () => {
    const body = z.strictObject({ name: z.string() })
    door = await openDoor((router) => {
      router.post(
        '/echo',
        guard({ open: true, body, answer: body }, async (asked) => asked.body),
      )
    })
  })
  after(() => door.close())

  async function send(inner: string): Promise<{ response: Response; ms: number }> {
    const startedAt = performance.now()
    const response = await fetch(`${door.url}/echo`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: `{"name":${inner}}`,
    })
    return { response, ms: performance.now() - startedAt }
  }

  it('is refused without keeping everybody else waiting', async () => {
    const depth = 35_000
    const { response, ms } = await send(`${'['.repeat(depth)}"x"${']'.repeat(depth)}`)
    const { errors } = await problemOf(response)
    expect(errors?.map(({ pointer }) => pointer)).to.deep.equal(['/name'])
    expect(ms).to.be.below(2_500)
  })

  it('is told by the beginning of its path where it holds what cannot be stored', async () => {
    const { response } = await send(`${'['.repeat(300)}"\\u0000"${']'.repeat(300)}`)
    const { errors } = await problemOf(response)
    expect(errors?.map(({ pointer }) => pointer)).to.deep.equal([`/name${'/0'.repeat(19)}`])
  })
})
