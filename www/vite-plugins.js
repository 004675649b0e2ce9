import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { collectLicenses } from '../pkg-scripts/dev/licenses.js';

/** @import { Plugin } from 'vite' */

const LOCATION = "new URL('../dist/wasm/petit_bg.wasm', import.meta.url)";

/**
 * Lets the page load the module of the package, `dist/wasm/petit_bg.wasm`, instead of a copy in its own folder. The address
 * changes with the contents, so that no cache combines a page and a module of different versions.
 * @returns {Plugin}
 */
export function sharedModule() {
  return {
    name: 'shared-module',
    apply: 'build',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/pkg-scripts/asset-locations.js')) return undefined;
      if (!code.includes(LOCATION)) throw new Error(`${id} does not contain ${LOCATION}`);
      const module = readFileSync(new URL('../dist/wasm/petit_bg.wasm', import.meta.url));
      const version = createHash('sha256').update(module).digest('hex').slice(0, 16);
      // Relative to the scripts in dist/www/assets/.
      const shared = `../../wasm/petit_bg.wasm?v=${version}`;
      return code.replace(LOCATION, `new URL(/* @vite-ignore */ '${shared}', import.meta.url)`);
    },
  };
}

/**
 * Adds the licence texts of everything in the package to the page, because the page can be served without the rest.
 * @returns {Plugin}
 */
export function licenses() {
  return {
    name: 'licenses',
    apply: 'build',
    async generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'licenses.md', source: await collectLicenses() });
    },
  };
}
