/** The whole of Harta for a page without a bundler: `Harta.createClient`, `Harta.configure`, the elements, Web Push. */
export * from '../index.js'
export { pushState, subscribeToPush, unsubscribeFromPush } from '../push/index.js'
export { configure } from './index.js'
