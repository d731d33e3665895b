import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { serverKey } from '../../src/delivery/server-keys.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

for (const kind of databaseKinds()) {
  describe(`server keys (${kind})`, () => {
    let db: Database
    before(async () => {
      db = await openTestDatabase(kind)
    })
    after(() => db.close())

    it('are made once, whoever asks at the same time', async () => {
      const asked = Array.from({ length: 8 }, () => serverKey(db, 'data', () => randomBytes(32)))
      const keys = new Set((await Promise.all(asked)).map((key) => key.toString('hex')))
      expect(keys.size).to.equal(1)
      const later = await serverKey(db, 'data', () => expect.fail('it is there already'))
      expect(later.toString('hex')).to.equal([...keys][0])
      expect((await serverKey(db, 'another', () => randomBytes(16))).length).to.equal(16)
    })

    it('are shown to no user', async () => {
      const userId = await addUser(db)
      const seen = await db
        .asUser(userId, (tx) => tx.serverKey.findMany())
        .catch((error: unknown) => String(error))
      expect(seen).to.match(/permission denied|insufficient/i)
    })
  })
}
