import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { logger } from '../pkg-scripts/dev/vite-logger.js';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** Browsers that have what the page uses: `light-dark()`, module workers, OPFS in workers. */
const BROWSERS = ['chrome125', 'firefox128', 'safari18'];

export default defineConfig({
  root: here('.'),
  // Relative, so that the page can lie in any folder of a static host.
  base: './',
  customLogger: logger,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/www'),
    emptyOutDir: true,
    target: BROWSERS,
    // Data URLs would need a weaker Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'licenses.md' },
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
});
