import { readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'

/**
 * Builds the benchmarks beside the built product: what they import from src is taken from dist, so that they
 * measure the very files that are run in production and no loader stands between. Hands back the folder.
 */
export async function buildBench(root: string): Promise<string> {
  const source = join(root, 'bench')
  const output = join(root, 'node_modules', '.cache', 'harta-bench')
  rmSync(output, { recursive: true, force: true })
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  await build({
    entryPoints: files.filter((file) => file.endsWith('.ts')).map((file) => join(source, file)),
    outdir: output,
    outbase: source,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [
      {
        name: 'built-product',
        setup(bundler) {
          bundler.onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
            const target = resolve(resolveDir, path)
            const src = join(root, 'src')
            if (target.startsWith(`${src}/`)) {
              return { path: target.replace(src, join(root, 'dist')), external: true }
            }
            if (target.startsWith(join(root, 'client-sdk', 'src'))) {
              return { path: join(root, 'client-sdk', 'dist', 'index.js'), external: true }
            }
            return undefined
          })
        },
      },
    ],
  })
  return output
}
