import { expect } from 'chai'
import type { Database } from '../../src/database/database.js'
import { readListing } from '../../src/instruments/listing.js'
import { instrumentStore, type ListedPair, type SearchPlace } from '../../src/instruments/store.js'
import { parsePair } from '../../src/instruments/symbol.js'
import { parseFixed } from '../../src/lib/decimal.js'
import { priceStore } from '../../src/prices/store.js'
import { addUser, databaseKinds, openTestDatabase } from '../support/database.js'

for (const kind of databaseKinds()) {
  describe(`the instruments (${kind})`, function () {
    this.timeout(120_000)
    let db: Database
    let owner: string
    let other: string
    before(async () => {
      db = await openTestDatabase(kind)
      owner = await addUser(db, { baseCurrency: 'IDR' })
      other = await addUser(db)
    })
    after(() => db?.close())

    const find = (symbol: string, userId = other) =>
      db.asUser(userId, (tx) => instrumentStore.find(tx, symbol))
    const search = async (text: string, userId = other, limit = 50, after: SearchPlace | null = null) => {
      const found = await db.asUser(userId, async (tx) => {
        const baseCurrency = await instrumentStore.baseCurrency(tx, userId)
        return instrumentStore.search(tx, { text, baseCurrency, limit, after })
      })
      return found.map(({ instrument }) => instrument.symbol)
    }
    const list = (venue: string, ...listed: readonly ListedPair[]) =>
      db.asSystem((tx) => instrumentStore.storeListings(tx, venue, listed))
    const own = (userId: string, symbol: string, told?: string) =>
      db.asUser(userId, async (tx) => {
        const kind = parsePair(symbol) ? ('CRYPTO' as const) : ('STOCK' as const)
        const listing = readListing(kind, symbol, told)
        const { id } = await instrumentStore.ensure(tx, listing)
        const { currency } = listing
        const row = { userId, instrumentId: id, currency, symbol, name: symbol }
        await tx.asset.create({ data: { ...row, type: kind, pricing: 'MARKET' } })
      })

    describe('that a user may look up', () => {
      before(async () => {
        for (const symbol of ['RARE-USD', 'RARER-USD', 'RAREST-USD', 'RARE.JK']) await own(owner, symbol)
        const price = parseFixed('5')
        const prices = { open: price, high: price, low: price, close: price }
        const candle = { symbol: 'RARER-USD', interval: '1m', at: 60_000, ...prices } as const
        await db.asSystem((tx) =>
          priceStore.upsertCandles(tx, [{ ...candle, source: 'kraken', state: 'live' }]),
        )
        await list('kraken', listed('RAREST-USD'))
      })

      it('are the own ones, and those that an exchange has priced or lists', async () => {
        expect(await search('rare', owner)).to.have.members([
          'RARE-USD',
          'RARER-USD',
          'RAREST-USD',
          'RARE.JK',
        ])
        expect(await search('rare')).to.deep.equal(['RARER-USD', 'RAREST-USD'])
        expect(await find('RARER-USD')).to.include({ symbol: 'RARER-USD', currency: 'USD' })
      })

      it('are none that another user alone has named', async () => {
        expect(await find('RARE-USD', owner)).not.to.equal(null)
        expect(await find('RARE-USD')).to.equal(null)
        const resolve = (userId: string) =>
          db.asUser(userId, (tx) => instrumentStore.resolve(tx, 'RARE', 'USD'))
        expect([(await resolve(owner))?.symbol, await resolve(other)]).to.deep.equal(['RARE-USD', null])
      })

      it('are in the currency that the user gave them until a source tells, not in another user’s', async () => {
        await own(owner, 'RARE.XX', 'EUR')
        await own(other, 'RARE.XX', 'USD')
        const currencies = async () =>
          Promise.all([owner, other].map(async (userId) => (await find('RARE.XX', userId))?.currency))
        expect(await currencies()).to.deep.equal(['EUR', 'USD'])
        const told = { source: 'csv', currency: 'CHF' }
        await db.asSystem((tx) => instrumentStore.learned(tx, 'RARE.XX', told))
        expect(await currencies()).to.deep.equal(['CHF', 'CHF'])
      })

      it('are those that a source has told of, with what it told', async () => {
        await db.asSystem((tx) =>
          instrumentStore.learned(tx, 'RARE.JK', { source: 'yahoo', name: 'Rare Things', currency: 'IDR' }),
        )
        expect(await search('things')).to.deep.equal(['RARE.JK'])
        expect(await find('RARE.JK')).to.deep.include({ name: 'Rare Things', venues: ['yahoo'] })
      })
    })

    it('that a venue lists are kept with what it calls them and whether they are traded', async () => {
      await list('one', listed('AA-USD', 'AA/USD'), listed('BB-USD', 'BB/USD', false), listed('EUR-USD'))
      await list('two', listed('AA-USD', 'aausd', false), listed('CC-USDT'))
      expect(await find('AA-USD')).to.deep.include({
        ...{ symbol: 'AA-USD', kind: 'CRYPTO', name: 'AA', currency: 'USD', mic: null, isin: null },
        ...{ lotSize: null, status: 'active', venues: ['one', 'two'] },
      })
      expect((await find('BB-USD'))?.status).to.equal('halted')
      expect((await find('EUR-USD'))?.kind).to.equal('CURRENCY')
      await list('one', listed('BB-USD', 'BB/USD'))
      const told = async (symbol: string) => {
        const found = await find(symbol)
        return found && [found.status, ...found.venues]
      }
      expect(await told('AA-USD')).to.deep.equal(['halted', 'two'])
      expect(await told('BB-USD')).to.deep.equal(['active', 'one'])
      expect(await told('EUR-USD')).to.deep.equal(['delisted'])
      await list('two')
      expect(await told('CC-USDT')).to.deep.equal(['active', 'two'])
      await list('two', listed('DD-USD'))
      expect(await told('CC-USDT')).to.deep.equal(['delisted'])
      await list('two', listed('CC-USDT'))
      expect(await told('CC-USDT')).to.deep.equal(['active', 'two'])
    })

    it('stay one for each pair, however a venue spells and repeats them', async () => {
      const names = async () =>
        (
          await db.asSystem((tx) =>
            tx.venueSymbol.findMany({
              where: { venue: 'odd', status: 'active' },
              include: { instrument: true },
              orderBy: { symbol: 'asc' },
            }),
          )
        ).map(({ symbol, instrument }) => `${symbol} ${instrument.symbol}`)
      await list('odd', listed('EE-USD', 'old', false), listed('EE-USD', 'new'), listed('FF-USD', 'f'))
      expect(await names()).to.deep.equal(['f FF-USD', 'new EE-USD'])
      await list('odd', listed('EE-USD', 'f'), listed('FF-USD', 'new'), listed('GG-USD', 'new', false))
      expect(await names()).to.deep.equal(['f EE-USD', 'new FF-USD'])
      await list('odd', listed('EE-USD', 'another'), listed('FF-USD', 'new'))
      expect(await names()).to.deep.equal(['another EE-USD', 'new FF-USD'])
      await list(
        'odd',
        listed('EE-USD', 'x'.repeat(65)),
        listed('USD-USD'),
        listed('EE-NONE'),
        listed('HH-USD'),
      )
      expect(await names()).to.deep.equal(['HH-USD HH-USD'])
      expect([await find('EE-NONE'), await find('USD-USD')]).to.deep.equal([null, null])
    })

    it('take a name in place of their symbol alone, and pairs keep their currency', async () => {
      const learn = (symbol: string, facts: Parameters<typeof instrumentStore.learned>[2]) =>
        db.asSystem((tx) => instrumentStore.learned(tx, symbol, facts))
      await learn('BBNI.JK', { source: 'yahoo', currency: 'IDR' })
      expect(await find('BBNI.JK')).to.deep.include({
        ...{ name: 'BBNI.JK', kind: 'STOCK', mic: 'XIDX', isin: null, lotSize: '100', venues: ['yahoo'] },
      })
      const isin = 'ID1000096605'
      await learn('BBNI.JK', {
        source: 'file',
        name: 'Bank Negara',
        isin,
        instrument: 'FUND',
        currency: 'USD',
      })
      await learn('BBNI.JK', { source: 'file', name: 'Another', currency: 'USD' })
      expect(await find('BBNI.JK')).to.deep.include({
        ...{ name: 'Bank Negara', kind: 'FUND', isin, currency: 'USD', venues: ['file', 'yahoo'] },
      })
      await learn('II-USD', { source: 'coins', name: 'Iota Iota', instrument: 'FUND', currency: 'EUR' })
      expect(await find('II-USD')).to.include({ name: 'Iota Iota', kind: 'CRYPTO', currency: 'USD' })
      await learn('NIL.ZZ', { source: 'file', currency: 'NIL' })
      expect(await find('NIL.ZZ')).to.equal(null)
    })

    describe('are found', () => {
      before(async () => {
        const pairs = ['KK-BTC', 'KK-EUR', 'KK-IDR', 'KK-USD', 'KK-USDT', 'KKX-USD', 'LL-EUR', 'LL-USDT']
        await list(
          'search',
          ...pairs.map((symbol) => listed(symbol)),
          listed('MM-USD'),
          listed('MM-IDR', 'm', false),
        )
        await list('past', listed('KKGONE-USD'))
        await list('past', listed('NN-USD'))
        await db.asSystem(async (tx) => {
          const told = { source: 'yahoo', currency: 'USD' }
          await instrumentStore.learned(tx, 'KK', { ...told, name: 'Kay Kay', isin: 'US0378331005' })
          await instrumentStore.learned(tx, 'KK.DE', { ...told, currency: 'EUR', isin: 'US0378331005' })
          await instrumentStore.learned(tx, 'ZZKK', { ...told, name: '100% of KK_Z' })
        })
      })

      it('by symbol, then ticker in the user’s currency, dollars and Tether, then by what begins so', async () => {
        const after = ['KKX-USD', 'ZZKK', 'KKGONE-USD']
        const tickers = ['KK-BTC', 'KK-EUR', 'KK.DE']
        expect(await search('kk', owner)).to.deep.equal([
          ...['KK', 'KK-IDR', 'KK-USD', 'KK-USDT', ...tickers],
          ...after,
        ])
        expect(await search('KK')).to.deep.equal([
          'KK',
          'KK-USD',
          'KK-USDT',
          'KK-BTC',
          'KK-EUR',
          'KK-IDR',
          'KK.DE',
          ...after,
        ])
        expect(await search('kk-usd')).to.deep.equal(['KK-USD', 'KK-USDT'])
        expect(await search('kay')).to.deep.equal(['KK'])
        expect(await search('us0378331005')).to.deep.equal(['KK', 'KK.DE'])
        for (const text of ['%', '_K', 'K%', '00%', "K'", '\\'])
          expect(await search(text), text).to.deep.equal([])
        expect(await search('100%')).to.deep.equal(['ZZKK'])
      })

      it('page by page, each of them once', async () => {
        const whole = await search('kk')
        const seen: string[] = []
        let after: SearchPlace | null = null
        do {
          const page: readonly { instrument: { symbol: string }; place: SearchPlace }[] = await db.asUser(
            other,
            (tx) => instrumentStore.search(tx, { text: 'kk', baseCurrency: 'USD', limit: 3, after }),
          )
          seen.push(...page.map(({ instrument }) => instrument.symbol))
          after = page.at(-1)?.place ?? null
        } while (after)
        expect(seen).to.deep.equal(whole)
      })

      it('by what a short name most likely means', async () => {
        const resolve = async (text: string, baseCurrency: string) =>
          (await db.asUser(other, (tx) => instrumentStore.resolve(tx, text, baseCurrency)))?.symbol
        expect(await resolve('KK', 'IDR')).to.equal('KK')
        expect(await resolve('LL', 'EUR')).to.equal('LL-EUR')
        expect(await resolve('LL', 'IDR')).to.equal('LL-USDT')
        expect(await resolve('KKX', 'IDR')).to.equal('KKX-USD')
        // What is halted there stands back.
        expect(await resolve('MM', 'IDR')).to.equal('MM-USD')
        expect(await resolve('KKGONE', 'USD')).to.equal(undefined)
        expect(await resolve('KKGONE-USD', 'USD')).to.equal('KKGONE-USD')
        expect(await resolve('US0378331005', 'EUR')).to.equal('KK.DE')
        expect(await resolve('US0378331005', 'IDR')).to.equal('KK')
        expect(await resolve('kk', 'USD')).to.equal(undefined)
      })
    })
  })
}

/** A pair as a venue lists it, traded unless told; the venue spells it as we do. */
function listed(symbol: string, name = symbol, trading = true): ListedPair {
  const [base = '', quote = ''] = symbol.split('-')
  return { symbol: name, pair: { base, quote }, trading }
}
