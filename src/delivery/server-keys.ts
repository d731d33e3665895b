import type { Database, Tx } from '../database/database.js'

/**
 * Keys that every process of this installation uses alike, kept beside the rows that they protect: web and worker
 * share a database and nothing else. A key is made by whoever asks for it first; of those that ask at once, all are
 * given the one that was written first.
 */

/** The key of this name, made by `make` if there is none yet. It never changes: whoever asks may keep it. */
export async function serverKey(db: Database, name: string, make: () => Uint8Array): Promise<Buffer> {
  const known = await db.asSystem((tx) => read(tx, name))
  if (known) return known
  const made = new Uint8Array(make())
  await db.asSystem((tx) => tx.serverKey.createMany({ data: [{ name, value: made }], skipDuplicates: true }))
  const kept = await db.asSystem((tx) => read(tx, name))
  if (!kept) throw new Error(`the key ${name} was written and is not there`)
  return kept
}

async function read(tx: Tx, name: string): Promise<Buffer | null> {
  const row = await tx.serverKey.findUnique({ where: { name }, select: { value: true } })
  return row && Buffer.from(row.value)
}
