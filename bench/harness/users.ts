import type { Tx } from '../../src/database/database.js'

/** So many people, as `id` and `person` of population.ts name them; base currencies by turns. */
export async function writeUsers(
  tx: Tx,
  count: number,
  { currencies = ['USD'], timeZone = 'UTC' }: { currencies?: readonly string[]; timeZone?: string } = {},
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO users (id, email, password_hash, base_currency, time_zone)
    SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'user' || n || '@bench.example', '-',
      (${[...currencies]}::text[])[n % ${currencies.length}::int + 1], ${timeZone}
    FROM generate_series(0, ${count}::int - 1) AS n`
}
