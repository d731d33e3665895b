/** The whole of Harta for a page without a bundler: `Harta.createClient`, `Harta.configure`, the elements. */
export * from '../index.js'
export { configure } from './index.js'
