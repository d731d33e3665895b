import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** What a server publishes at /openapi.json, as far as tests look into it. */
export interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, Answered | Reference>>
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: Readonly<Record<string, unknown>>
}

interface Answered {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean } | Reference>>
  readonly content?: Content
}

interface Reference {
  readonly $ref: string
}

type Content = Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>>

export interface SeenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** A document, and answers held against it. */
export interface Published {
  readonly document: OpenApi
  /** Throws when the answer is not one that the document tells of. */
  check(method: string, path: string, answer: SeenAnswer): void
}

const byUrl = new Map<string, Promise<Published>>()
const byText = new Map<string, Published>()

/** The document of the server at this address, asked for once. */
export function published(url: string): Promise<Published> {
  const known = byUrl.get(url)
  if (known) return known
  const asked = fetch(`${url}/openapi.json`).then(async (response) => {
    const text = await response.text()
    if (response.status !== 200) throw new Error(`/openapi.json: ${response.status} ${text.slice(0, 500)}`)
    const found = byText.get(text) ?? publish(JSON.parse(text) as OpenApi)
    byText.set(text, found)
    return found
  })
  byUrl.set(url, asked)
  return asked
}

function publish(document: OpenApi): Published {
  // The whole document stands in for a schema, so that what lies in it can be referred to.
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(document, 'document')
  const compiled = new Map<string, ValidateFunction>()
  const templates = Object.keys(document.paths).map((template) => ({ template, fits: patternOf(template) }))

  const schemaAt = (pointer: string): ValidateFunction => {
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `document#${pointer}` })
    compiled.set(pointer, validate)
    return validate
  }

  return {
    document,
    check(method, path, { status, headers, text }) {
      const plain = path.replace(/[?#].*$/s, '').replace(/(?<=.)\/$/, '')
      const fitting = templates.filter(({ fits }) => fits.test(plain)).map(({ template }) => template)
      // A path of words wins over one with a parameter in their place.
      const template = fitting.sort((a, b) => a.split('{').length - b.split('{').length)[0]
      const key = method.toLowerCase() === 'head' ? 'get' : method.toLowerCase()
      const operation = template === undefined ? undefined : document.paths[template]?.[key]
      const about = `${method} ${path} -> ${status} ${text.slice(0, 500)}`
      const pointer =
        operation && template !== undefined
          ? pointerTo(['paths', template, key, 'responses', String(status)])
          : unknownPlace(status, about)
      const [place, answer] = follow(document, pointer)
      if (answer === undefined) throw new Error(`/openapi.json knows no such answer: ${about}`)
      const missing = Object.entries((answer as Answered).headers ?? {})
        .filter(([, header]) => (lookUp(document, header) as { required?: boolean }).required)
        .filter(([name]) => !headers.has(name))
      if (missing.length > 0) throw new Error(`without ${missing.map(([name]) => name).join(', ')}: ${about}`)
      if (method === 'HEAD') return
      const content = (answer as Answered).content ?? {}
      const type = (headers.get('content-type') ?? '').split(';')[0] ?? ''
      if (Object.keys(content).length === 0) {
        if (text !== '') throw new Error(`an answer without a body has one: ${about}`)
        return
      }
      if (!content[type]) throw new Error(`/openapi.json knows no ${type}: ${about}`)
      if (!type.endsWith('json')) return
      const validate = schemaAt(`${place}${pointerTo(['content', type, 'schema'])}`)
      if (validate(JSON.parse(text))) return
      const told = validate.errors?.slice(0, 5).map(({ instancePath, message, params }) => {
        return `${instancePath} ${message} ${JSON.stringify(params)}`
      })
      throw new Error(`not as /openapi.json tells it: ${told?.join('; ')}: ${about}`)
    },
  }
}

/** Outside of the document there is only one thing to say. */
function unknownPlace(status: number, about: string): string {
  if (status === 404 || status === 405 || status === 401) return '/components/responses/NotFound'
  throw new Error(`/openapi.json knows no such route: ${about}`)
}

function patternOf(template: string): RegExp {
  const text = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+')
  return new RegExp(`^${text}$`)
}

function pointerTo(keys: readonly string[]): string {
  return keys.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** What stands at a pointer, behind a reference if there is one, and where that is. */
function follow(document: OpenApi, pointer: string): [string, unknown] {
  let found: unknown = document
  for (const key of pointer.split('/').slice(1)) {
    found = (found as Record<string, unknown> | undefined)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  const reference = (found as Partial<Reference> | undefined)?.$ref
  return reference === undefined ? [pointer, found] : follow(document, reference.slice(1))
}

function lookUp(document: OpenApi, value: unknown): unknown {
  const reference = (value as Partial<Reference>).$ref
  return reference === undefined ? value : follow(document, reference.slice(1))[1]
}
