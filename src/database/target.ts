/**
 * Where the database is: embedded in this process (PGlite, which is PostgreSQL as WebAssembly) with its files in
 * `dataDir`, in memory when that is null, or on a PostgreSQL server (15 or newer).
 */
export type DatabaseTarget =
  | { readonly kind: 'embedded'; readonly dataDir: string | null }
  | { readonly kind: 'server'; readonly url: string; readonly poolSize?: number }

/** Roles that the migrations create: `harta_app` sees one user's rows, `harta_system` those of everybody. */
export const roles = { app: 'harta_app', system: 'harta_system' } as const
