import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { collectLicenses } from '../pkg-scripts/dev/licenses.js';

/** @import { Plugin } from 'vite' */

const MODULE = new URL('../dist/www/wasm/petit_bg.wasm', import.meta.url);
const ASSETS = new URL('../dist/www/assets', import.meta.url);
const LOCATION = "new URL('../dist/www/wasm/petit_bg.wasm', import.meta.url)";

/**
 * Lets the page load the module that the command and the library use, and that is in the page's folder for this reason,
 * instead of a copy. The address changes with the contents, so that no cache combines a page and a module of different
 * versions.
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
      const version = createHash('sha256').update(readFileSync(MODULE)).digest('hex').slice(0, 16);
      // Relative to the scripts in assets/.
      const shared = `../wasm/petit_bg.wasm?v=${version}`;
      return code.replace(LOCATION, `new URL(/* @vite-ignore */ '${shared}', import.meta.url)`);
    },
  };
}

/**
 * Deletes the files of the last build. Vite can only empty the whole folder, with the module.
 * @returns {Plugin}
 */
export function emptyAssets() {
  return {
    name: 'empty-assets',
    apply: 'build',
    buildStart: () => rmSync(ASSETS, { recursive: true, force: true }),
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
