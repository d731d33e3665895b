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
    // In processor time, of which what else the machine does takes nothing.
    const spentOn = async (of: string | null): Promise<number> => {
      const before = process.cpuUsage()
      await passwords.matches('wrong horse', of)
      return process.cpuUsage(before).user / 1_000
    }
    const [known, unknown]: [number[], number[]] = [[], []]
    for (let round = 0; round < 7; round += 1) {
      known.push(await spentOn(hash))
      unknown.push(await spentOn(null))
    }
    expect(median(unknown) / median(known)).to.be.within(0.4, 2.5)
    expect(median(unknown)).to.be.greaterThan(5)
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

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0
}
