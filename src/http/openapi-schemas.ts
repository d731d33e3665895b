import { z } from 'zod'
import { shapeOf } from './described.js'

export type Json = Readonly<Record<string, unknown>>

/** What a schema is shown as: `input` what may be sent, `output` what is answered. */
export type Side = 'input' | 'output'

/**
 * Zod's schemas as JSON Schema 2020-12, the dialect of OpenAPI 3.1. A schema with a name (`.meta({ id })`) becomes a
 * component and is referred to wherever it appears; one that reads differently on its two sides, for example by its
 * defaults, becomes two.
 */
export class SchemaBook {
  readonly #components = new Map<string, Json>()

  /** All named schemas that were met so far. */
  get components(): Json {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  show(schema: z.ZodType, side: Side): Json {
    const shape = shapeOf(schema)
    if (shape) return this.show(shape, side)
    const told = z.toJSONSchema(schema, {
      io: side,
      unrepresentable: 'any',
      override: ({ zodSchema, jsonSchema }) =>
        this.#adapt(zodSchema as unknown as z.ZodType, jsonSchema, side),
    })
    const { $schema, $defs = {}, ...own } = told as Json & { readonly $defs?: Record<string, Json> }
    const names = new Map(Object.entries($defs).map(([id, def]) => [id, this.#nameFor(id, def, side)]))
    for (const [id, def] of Object.entries($defs)) {
      this.#components.set(names.get(id) ?? id, withReferences(def, names) as Json)
    }
    return withReferences(own, names) as Json
  }

  #adapt(schema: z.ZodType, json: Record<string, unknown>, side: Side): void {
    // An array that nobody writes to in here says nothing to a client.
    delete json.readOnly
    const shape = shapeOf(schema)
    if (!shape) return
    for (const key of Object.keys(json)) delete json[key]
    Object.assign(json, this.show(shape, side))
  }

  #nameFor(id: string, def: Json, side: Side): string {
    const known = this.#components.get(id)
    const same =
      known === undefined || JSON.stringify(known) === JSON.stringify(withReferences(def, new Map()))
    return same ? id : `${id}${side === 'input' ? 'Input' : 'Output'}`
  }
}

const LOCAL = '#/$defs/'
const SHARED = '#/components/schemas/'

/** The same JSON with zod's own references turned into the document's. */
function withReferences(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withReferences(item, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== '$ref' || typeof inner !== 'string' || !inner.startsWith(LOCAL)) {
        return [key, withReferences(inner, names)]
      }
      const id = inner.slice(LOCAL.length)
      return [key, SHARED + (names.get(id) ?? id)]
    }),
  )
}
