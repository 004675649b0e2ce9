import { fileURLToPath } from 'node:url';
import { createLogger, defineConfig } from 'vite';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** workerpool asks for Node's modules where there is Node: Vite's word on that is no news. */
export const logger = createLogger('warn');
const { warn } = logger;
/** @type {typeof warn} */
logger.warn = (message, options) => {
  if (!message.includes('externalized for browser compatibility')) warn(message, options);
};

/** Makes the encode worker one file that needs no other, so that any bundler and any static host can serve it as it is. */
export default defineConfig({
  root: here('..'),
  publicDir: false,
  customLogger: logger,
  build: {
    target: 'es2023',
    outDir: 'dist',
    emptyOutDir: false,
    lib: { entry: here('./driver/worker.js'), formats: ['es'], fileName: () => 'worker.js' },
  },
});
