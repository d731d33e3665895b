import { roles } from './target.js'

/**
 * What every connection to a server starts with. Times come back from the driver without their zone, so the
 * session's zone has to be UTC. The options are written into the URL because the URL's own would win otherwise.
 */
function withOptions(url: string, settings: Readonly<Record<string, string>>): string {
  const parsed = new URL(url)
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  const given = parsed.searchParams.get('options')
  parsed.searchParams.set('options', [...(given ? [given] : []), ...options].join(' '))
  if (!parsed.searchParams.has('application_name')) parsed.searchParams.set('application_name', 'harta')
  return parsed.toString()
}

/**
 * For the program at work: at rest every connection is `harta_app` and nobody, and so sees no row of anybody. A process
 * that stands still amid a transaction keeps others from its rows only little longer than from its leases.
 */
export function appUrl(url: string): string {
  return withOptions(url, {
    TimeZone: 'UTC',
    role: roles.app,
    statement_timeout: '30000',
    idle_in_transaction_session_timeout: '10000',
  })
}

/** For migrations, which the login role itself runs. */
export function ownerUrl(url: string): string {
  return withOptions(url, {
    TimeZone: 'UTC',
    statement_timeout: '0',
    idle_in_transaction_session_timeout: '0',
  })
}
