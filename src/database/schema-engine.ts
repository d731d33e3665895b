import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQueryable,
} from '@prisma/driver-adapter-utils'
import type { SchemaEngine, SchemaFilter } from '@prisma/schema-engine-wasm/schema_engine_bg'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

/**
 * Prisma's own schema engine as WebAssembly: the very code behind `prisma migrate`, without the download of a
 * binary. Its package is written for bundlers, so the module is instantiated here by hand.
 */
let loaded: Promise<void> | null = null

function loadBindings(): Promise<void> {
  loaded ??= instantiate().catch((error) => {
    loaded = null
    throw error
  })
  return loaded
}

async function instantiate(): Promise<void> {
  const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const code = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'))
  const imports = { './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports }
  const { instance } = await WebAssembly.instantiate(code, imports)
  const raw = bindings as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void }
  raw.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
}

export const noFilter: SchemaFilter = { externalTables: [], externalEnums: [] }

/** A schema engine that speaks to the database over one adapter, which is also where it replays migrations. */
export async function openSchemaEngine(adapter: SqlDriverAdapter): Promise<SchemaEngine> {
  await loadBindings()
  const factory: SqlMigrationAwareDriverAdapterFactory = {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    connect: () => Promise.resolve(adapter),
    connectToShadowDb: () => Promise.resolve(adapter),
  }
  const bound = bindMigrationAwareSqlAdapterFactory(factory)
  return bindings.SchemaEngine.new({ datamodels: undefined }, () => {}, bound)
}

/**
 * A connection as the engine wants it. `runScript` takes over the scripts, because the adapters' own ways cut
 * them at every semicolon (server) or do not wait for them (PGlite).
 */
export function lendAdapter(
  connection: SqlQueryable,
  runScript: (script: string) => Promise<unknown>,
): SqlDriverAdapter {
  return {
    provider: connection.provider,
    adapterName: connection.adapterName,
    queryRaw: (query) => connection.queryRaw(query),
    executeRaw: (query) => connection.executeRaw(query),
    executeScript: async (script) => {
      await runScript(script)
    },
    startTransaction: () => Promise.reject(new Error('the schema engine runs in a transaction already')),
    getConnectionInfo: () => ({ supportsRelationJoins: false }),
    dispose: () => Promise.resolve(),
  }
}
