import { expect } from 'chai'
import { AppError } from '../../src/lib/errors.js'
import { createLog, describeError } from '../../src/lib/log.js'

function written(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = []
  write(createLog('info', { write: (line: string) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the log', () => {
  it('holds no secret, wherever it stands in what is logged', () => {
    const secret = 'do-not-write-me'
    const [line] = written((log) =>
      log.info({
        password: secret,
        token: secret,
        body: { password: secret, token: secret, accessToken: secret, refreshToken: secret },
        headers: { authorization: secret },
        kept: 'visible',
      }),
    )
    expect(JSON.stringify(line)).to.contain('visible').and.not.contain(secret)
  })

  it('repeats of a foreign error no message that may hold what was bound', () => {
    const bound = 'somebody@example.org'
    const orm = Object.assign(new Error(`Invalid value ${bound}`), {
      name: 'PrismaClientValidationError',
      code: 'P2002',
    })
    const driver = Object.assign(new Error(`duplicate key (email)=(${bound})`), {
      name: 'error',
      code: '23505',
    })
    for (const error of [orm, driver]) {
      const [line] = written((log) => log.warn({ err: error }, 'failed'))
      expect(JSON.stringify(line)).not.to.contain(bound)
      expect(line?.err).to.include({ name: error.name, code: error.code })
      expect((line?.err as { frames: string[] } | undefined)?.frames.length).to.be.above(0)
    }
  })

  it('keeps the words of our own errors, and says of what is no error only what it is', () => {
    const described = describeError(new AppError('missing', 'not-found', 'There is no such asset.'))
    expect(described).to.include({ name: 'AppError', code: 'not-found', message: 'There is no such asset.' })
    expect(describeError('a secret text')).to.deep.equal({ name: 'string' })
    expect(describeError(null)).to.deep.equal({ name: 'object' })
  })

  it('writes nothing below its level', () => {
    expect(written((log) => log.debug('quiet'))).to.deep.equal([])
    expect(written((log) => log.error('loud'))).to.have.lengthOf(1)
  })
})
