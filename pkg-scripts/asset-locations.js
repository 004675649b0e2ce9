// The URLs of petit's own files. In this folder, as in dist/, they are one level below the package: a bundle of this module in
// dist/ finds them too.

/** @import { AssetLocations } from './types.js' */

/** @type {Required<AssetLocations>} */
export const assetLocations = {
  wasm: new URL('../dist/www/wasm/petit_bg.wasm', import.meta.url),
  worker: new URL('../dist/worker.js', import.meta.url),
};
