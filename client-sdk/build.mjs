import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import { build as pack } from 'tsdown'

/**
 * Builds everything that a browser gets into client-sdk/dist: the package (ESM, CommonJS, types), two files for
 * pages without a bundler, and the dashboard, whose files carry their content's hash in their names.
 */
const here = dirname(fileURLToPath(import.meta.url))
const target = join(here, 'dist')
/** Everything is built here first, so that a server which shows the dashboard meanwhile does not miss a file. */
const dist = join(here, `dist-${process.pid}`)
/** The connection names its transports, and WebTransport is none of them; the library would bring it along. */
const noWebTransport = {
  name: 'no-webtransport',
  setup({ onLoad }) {
    onLoad({ filter: /engine\.io-client[\\/].*webtransport\.js$/ }, () => ({
      contents: 'export class WT {}',
    }))
  },
}
const browser = {
  bundle: true,
  minify: true,
  target: 'es2022',
  logLevel: 'warning',
  plugins: [noWebTransport],
}

async function buildPackage() {
  await pack({
    cwd: here,
    config: false,
    entry: {
      index: 'src/index.ts',
      react: 'src/react/index.ts',
      widgets: 'src/widgets/index.ts',
      push: 'src/push/index.ts',
    },
    outDir: dist,
    format: ['esm', 'cjs'],
    platform: 'neutral',
    target: 'es2022',
    fixedExtension: false,
    dts: true,
    clean: false,
    hash: false,
    report: false,
    inputOptions: { checks: { pluginTimings: false } },
    logLevel: 'warn',
    tsconfig: join(here, '..', 'tsconfig.json'),
  })
}

async function buildBrowserFiles() {
  const iife = { ...browser, format: 'iife', globalName: 'Harta' }
  await bundle({ ...iife, entryPoints: [join(here, 'src/index.ts')], outfile: join(dist, 'harta.min.js') })
  await bundle({
    ...iife,
    entryPoints: [join(here, 'src/widgets/global.ts')],
    outfile: join(dist, 'harta-widgets.min.js'),
  })
}

/** Beside the dashboard as well: a worker looks after the pages below the folder that it is served from. */
async function buildWorker() {
  const worker = { ...browser, format: 'iife', entryPoints: [join(here, 'src/push/service-worker.ts')] }
  for (const folder of [dist, join(dist, 'dashboard')])
    await bundle({ ...worker, outfile: join(folder, 'harta-push-worker.js') })
}

async function buildDashboard() {
  const out = join(dist, 'dashboard')
  const { metafile } = await bundle({
    ...browser,
    entryPoints: { app: join(here, 'dashboard/main.ts'), style: join(here, 'dashboard/style.css') },
    outdir: join(out, 'assets'),
    entryNames: '[name]-[hash]',
    format: 'esm',
    metafile: true,
  })
  const files = Object.keys(metafile.outputs).map((path) => basename(path))
  const named = (extension) => `assets/${files.find((file) => file.endsWith(extension))}`
  const page = await readFile(join(here, 'dashboard/index.html'), 'utf8')
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'icon.svg'), await readFile(join(here, 'dashboard/icon.svg')))
  await writeFile(
    join(out, 'index.html'),
    page.replace('assets/app.js', named('.js')).replace('assets/style.css', named('.css')),
  )
}

const start = Date.now()
try {
  await Promise.all([buildPackage(), buildBrowserFiles(), buildWorker(), buildDashboard()])
  await rm(target, { recursive: true, force: true })
  await rename(dist, target)
} finally {
  await rm(dist, { recursive: true, force: true })
}
console.log(`client-sdk/dist built in ${((Date.now() - start) / 1000).toFixed(1)} s`)
