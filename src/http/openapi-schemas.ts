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
    const { own, named } = read(schema, side)
    const names = new Map(Object.entries(named).map(([id, json]) => [id, this.#nameFor(id, json, side)]))
    for (const [id, json] of Object.entries(named)) {
      this.#components.set(names.get(id) ?? id, withReferences(json, names) as Json)
    }
    return withReferences(own, names) as Json
  }

  #nameFor(id: string, json: Json, side: Side): string {
    const known = this.#components.get(id)
    const same =
      known === undefined || JSON.stringify(known) === JSON.stringify(withReferences(json, new Map()))
    return same ? id : `${id}${side === 'input' ? 'Input' : 'Output'}`
  }
}

/** A schema as zod tells it; `named` are those that its references lead to. */
interface Told {
  readonly own: Json
  readonly named: Readonly<Record<string, Json>>
}

const known = { input: new WeakMap<z.ZodType, Told>(), output: new WeakMap<z.ZodType, Told>() }

function read(schema: z.ZodType, side: Side): Told {
  const told = known[side].get(schema) ?? tell(shapeOf(schema) ?? schema, side)
  known[side].set(schema, told)
  return told
}

function tell(schema: z.ZodType, side: Side): Told {
  const named: Record<string, Json> = {}
  const { $schema, $defs, ...own } = z.toJSONSchema(schema, {
    io: side,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // That nobody writes to an array in here says nothing to a client.
      delete jsonSchema.readOnly
      const shape = shapeOf(zodSchema as unknown as z.ZodType)
      if (!shape) return
      const shown = read(shape, side)
      for (const key of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[key]
      Object.assign(jsonSchema, shown.own)
      Object.assign(named, shown.named)
    },
  }) as Json & { readonly $defs?: Readonly<Record<string, Json>> }
  return { own, named: { ...named, ...$defs } }
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
