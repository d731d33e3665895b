import type {
  Activity,
  Asset,
  AssetChange,
  NewActivity,
  NewAsset,
  Page,
} from '../../src/protocol/resources.js'
import type { Request } from './request.js'

/**
 * Assets and what was done with them. An asset that came from `get`, `create` or `update` remembers its ETag:
 * given back to `update` or `remove`, the server refuses (412) when somebody else changed it meanwhile. Its id
 * alone changes it whatever happened.
 */
export interface Assets {
  list(options?: { readonly pageSize?: number }): AsyncIterable<Asset>
  get(id: string): Promise<Asset>
  create(asset: NewAsset): Promise<Asset>
  update(asset: Asset | string, change: AssetChange): Promise<Asset>
  remove(asset: Asset | string): Promise<void>
  activities(assetId: string): Activities
}

export interface Activities {
  list(options?: { readonly pageSize?: number }): AsyncIterable<Activity>
  create(activity: NewActivity): Promise<Activity>
}

export function createAssets(request: Request): Assets {
  const etags = new WeakMap<Asset, string>()
  const remember = ({ body, etag }: { body: Asset; etag: string | null }): Asset => {
    if (etag !== null) etags.set(body, etag)
    return body
  }
  const target = (asset: Asset | string): { path: string; ifMatch?: string } => {
    const etag = typeof asset === 'string' ? undefined : etags.get(asset)
    return {
      path: item(typeof asset === 'string' ? asset : asset.id),
      ...(etag === undefined ? {} : { ifMatch: etag }),
    }
  }
  return {
    list: (options) => pages<Asset>(request, '/v1/assets', options?.pageSize),
    get: async (id) => remember(await request<Asset>({ method: 'GET', path: item(id) })),
    create: async (body) => remember(await request<Asset>({ method: 'POST', path: '/v1/assets', body })),
    update: async (asset, body) =>
      remember(await request<Asset>({ method: 'PATCH', ...target(asset), body })),
    remove: async (asset) => {
      await request<null>({ method: 'DELETE', ...target(asset) })
    },
    activities: (assetId) => {
      const path = `${item(assetId)}/activities`
      return {
        list: (options) => pages<Activity>(request, path, options?.pageSize),
        create: async (body) => (await request<Activity>({ method: 'POST', path, body })).body,
      }
    },
  }
}

function item(id: string): string {
  return `/v1/assets/${encodeURIComponent(id)}`
}

/** Every entry of a list, fetched page by page as the reader goes on. */
async function* pages<T>(request: Request, path: string, limit?: number): AsyncGenerator<T, void, void> {
  let cursor: string | undefined
  do {
    const { body } = await request<Page<T>>({ method: 'GET', path, query: { limit, cursor } })
    yield* body.data
    cursor = body.nextCursor ?? undefined
  } while (cursor !== undefined)
}
