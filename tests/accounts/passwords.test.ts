import bcrypt from 'bcrypt'
import { expect } from 'chai'
import { createPasswords } from '../../src/accounts/passwords.js'
import { AppError } from '../../src/lib/errors.js'

describe('passwords', () => {
  it('match their own hash and no other', async () => {
    const passwords = createPasswords({ cost: 4 })
    const hash = await passwords.hash('correct horse')
    expect(await passwords.matches('correct horse', hash)).to.equal(true)
    expect(await passwords.matches('correct horsE', hash)).to.equal(false)
    expect(await passwords.matches('correct horse', null)).to.equal(false)
  })

  it('know a hash of a lower cost', async () => {
    const hash = await bcrypt.hash('correct horse', 4)
    expect(createPasswords({ cost: 5 }).isWeak(hash)).to.equal(true)
    expect(createPasswords({ cost: 4 }).isWeak(hash)).to.equal(false)
  })

  it('take as long for an account that is not there', async () => {
    const passwords = createPasswords({ cost: 9 })
    const hash = await passwords.hash('correct horse')
    const median = async (of: string | null) => {
      const times: number[] = []
      for (let round = 0; round < 7; round += 1) {
        const startedAt = performance.now()
        await passwords.matches('wrong horse', of)
        times.push(performance.now() - startedAt)
      }
      return times.sort((a, b) => a - b)[3] ?? 0
    }
    const [known, unknown] = [await median(hash), await median(null)]
    expect(unknown / known).to.be.within(0.4, 2.5)
    expect(unknown).to.be.greaterThan(5)
  })

  it('are worked on a few at a time, with a bounded queue behind', async () => {
    const passwords = createPasswords({ cost: 6, concurrency: 2, queueLimit: 3 })
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => passwords.hash('correct horse')))
    expect(results.map((result) => result.status)).to.deep.equal([
      ...Array(5).fill('fulfilled'),
      ...Array(4).fill('rejected'),
    ])
    for (const result of results.slice(5)) {
      const { reason } = result as PromiseRejectedResult
      expect(reason).to.be.instanceOf(AppError)
      expect(reason).to.include({ fault: 'unavailable', code: 'busy' })
      expect(reason.details.retryAfterSeconds).to.be.greaterThan(0)
    }
    expect(await passwords.hash('correct horse')).to.match(/^\$2b\$06\$/)
  })
})
