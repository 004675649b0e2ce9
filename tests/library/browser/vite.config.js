import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { logger } from '../../../pkg-scripts/dev/vite-logger.js';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative: the path of the page differs in each run of `petit serve`.
  base: './',
  customLogger: logger,
  build: { target: 'es2023', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  worker: { format: 'es' },
});
