import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQueryable,
  Transaction,
} from '@prisma/driver-adapter-utils'

/** Makes two quiet traps of the drivers loud; see the errors below. */
export function strictAdapter(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => strictConnection(await factory.connect()),
  }
}

/**
 * The connection broke. Only what the server itself answered comes back from a driver as a DriverAdapterError;
 * everything else is of the connection and comes as whatever error there was.
 */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/**
 * A statement failed, the work caught the failure and went on, and its transaction could not be committed.
 * PostgreSQL answers such a COMMIT by rolling back and calls that a success: unnoticed, the work would believe in
 * rows that were never written.
 */
class SwallowedFailure extends Error {
  override readonly name = 'SwallowedFailure'

  constructor() {
    super('a statement of this transaction had failed, so all of it was rolled back; let such an error pass')
  }
}

function strictConnection(adapter: SqlDriverAdapter): SqlDriverAdapter {
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    ...querying(adapter, () => {}),
    executeScript: (script) => adapter.executeScript(script),
    startTransaction: async (isolation) => {
      const transaction = await adapter.startTransaction(isolation).catch(rethrow)
      return strictTransaction(transaction)
    },
    getConnectionInfo: () => adapter.getConnectionInfo?.() ?? { supportsRelationJoins: true },
    dispose: () => adapter.dispose(),
  }
}

function strictTransaction(transaction: Transaction): Transaction {
  let failed = false
  const { queryRaw, executeRaw } = querying(transaction, () => {
    failed = true
  })
  return {
    provider: transaction.provider,
    adapterName: transaction.adapterName,
    options: transaction.options,
    queryRaw,
    // A server's COMMIT comes this way, PGlite's is its `commit` alone.
    executeRaw: (query) =>
      executeRaw(failed && query.sql === 'COMMIT' ? { ...query, sql: 'ROLLBACK' } : query),
    commit: async () => {
      if (!failed) return transaction.commit()
      await transaction.rollback()
      throw new SwallowedFailure()
    },
    rollback: () => transaction.rollback(),
  }
}

function querying(
  queryable: SqlQueryable,
  onFailure: () => void,
): Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> {
  const fail = (error: unknown): never => {
    onFailure()
    return rethrow(error)
  }
  return {
    queryRaw: (query) => queryable.queryRaw(query).catch(fail),
    executeRaw: (query) => queryable.executeRaw(query).catch(fail),
  }
}

function rethrow(error: unknown): never {
  if (error instanceof Error && error.name === 'DriverAdapterError') throw error
  throw new ConnectionLost('the connection to the database broke', { cause: error })
}
