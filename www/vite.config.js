import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { logger } from '../pkg-scripts/dev/vite-logger.js';
import { emptyAssets, licenses, sharedModule } from './vite-plugins.js';

const resolve = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

const { version } = JSON.parse(readFileSync(resolve('../package.json'), 'utf8'));

/** The oldest browsers with `light-dark()`, module workers, and the origin private file system in workers. */
const BROWSERS = ['chrome125', 'firefox128', 'safari18'];

export default defineConfig({
  root: resolve('.'),
  // Relative, so that a static host can serve the page from any folder.
  base: './',
  customLogger: logger,
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [emptyAssets(), sharedModule(), licenses()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve('../dist/www'),
    emptyOutDir: false,
    target: BROWSERS,
    rolldownOptions: { input: [resolve('./index.html'), resolve('./clean-up.html')] },
    // Inlined assets are data URLs, which the Content-Security-Policy forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  worker: { format: 'es', plugins: () => [sharedModule()] },
});
