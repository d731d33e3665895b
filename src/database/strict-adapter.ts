import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQueryable,
  Transaction,
} from '@prisma/driver-adapter-utils'

/**
 * After a failed statement PostgreSQL answers COMMIT by rolling back, and calls that a success. Work that caught
 * the failure and went on would then believe in rows that were never written. This wrapper remembers the failure
 * and refuses the commit instead.
 */
export function strictAdapter(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => strictConnection(await factory.connect()),
  }
}

function strictConnection(adapter: SqlDriverAdapter): SqlDriverAdapter {
  return {
    ...querying(adapter),
    executeScript: (script) => adapter.executeScript(script),
    startTransaction: async (isolation) => strictTransaction(await adapter.startTransaction(isolation)),
    getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: true },
    dispose: () => adapter.dispose(),
  }
}

function strictTransaction(transaction: Transaction): Transaction {
  let failed = false
  const watch = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      failed = true
      throw error
    }
  }
  return {
    ...querying(transaction),
    options: transaction.options,
    queryRaw: (query) => watch(transaction.queryRaw(query)),
    executeRaw: async (query) => {
      if (failed && query.sql === 'COMMIT') {
        await transaction.executeRaw({ ...query, sql: 'ROLLBACK' })
        return 0
      }
      return watch(transaction.executeRaw(query))
    },
    commit: async () => {
      if (!failed) return transaction.commit()
      await transaction.rollback()
      throw new SwallowedFailure()
    },
    rollback: () => transaction.rollback(),
  }
}

function querying<T extends SqlQueryable>(queryable: T): SqlQueryable {
  return {
    provider: queryable.provider,
    adapterName: queryable.adapterName,
    queryRaw: (query) => queryable.queryRaw(query),
    executeRaw: (query) => queryable.executeRaw(query),
  }
}

/** A statement failed, the work went on as if it had not, and its transaction could not be committed. */
export class SwallowedFailure extends Error {
  override readonly name = 'SwallowedFailure'

  constructor() {
    super('a statement of this transaction had failed, so all of it was rolled back; let such an error pass')
  }
}
