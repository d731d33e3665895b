import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { fieldFault, fieldFaults, refusals } from '../../client-sdk/dashboard/refusal-words.js'

const source = fileURLToPath(new URL('../../src', import.meta.url))
/** Codes that no form of the dashboard meets: they are for programs, for operators or for the client itself. */
const NEVER_MET = [
  ...['data-dir-in-use', 'email-missing', 'idempotency-key-invalid', 'idempotency-key-reused'],
  ...[
    'invalid-configuration',
    'invalid-request',
    'invalid-token',
    'malformed-json',
    'other-user',
    'port-in-use',
  ],
  ...[
    'redis-refused',
    'redis-unavailable',
    'row-refused',
    'token-expired',
    'token-invalid',
    'token-missing',
    'too-many-sockets',
  ],
  ...['too-many-symbols', 'unknown-command', 'credentials-wrong'],
]

describe('refusals on the Indonesian page', () => {
  const text = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .join('\n')

  it('have a sentence for every code that a form can meet', () => {
    const thrown = text.matchAll(/new AppError\(\s*'[a-z]+',\s*'([a-z-]+)'/g)
    const codes = [...new Set([...thrown].map(([, code = '']) => code))]
    expect(codes).to.include.members(['too-many-alerts', 'not-found'])
    expect(codes.filter((code) => !(code in refusals) && !NEVER_MET.includes(code))).to.deep.equal([])
  })

  it('say at a field what the server says there', () => {
    const said = text.replace(/\$\{[^}]*\}/g, '{}')
    const isSaid = (sentence: string): boolean => said.includes(sentence.replace(/^has to be /, ''))
    expect(Object.keys(fieldFaults).filter((sentence) => !isSaid(sentence))).to.deep.equal([])
    expect(fieldFault('must be 1000 at most', 'id')).to.equal('paling banyak 1000')
    expect(fieldFault('must be 1000 at most', 'en')).to.equal('must be 1000 at most')
    expect(fieldFault('is something new', 'id')).to.equal('is something new')
  })
})
