// Bundles the library and its encode worker for browsers, each into one file without imports, so that any bundler and any
// static host can use it.
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './steps.js';

/** Replaces Node's modules, which workerpool imports but only uses in Node, by empty ones.
 * @type {import('esbuild').Plugin} */
const noNode = {
  name: 'no-node',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(worker_threads|os|child_process)$/ }, ({ path }) => ({
      path,
      namespace: 'no-node',
    }));
    onLoad({ filter: /./, namespace: 'no-node' }, () => ({ contents: 'module.exports = {};' }));
  },
};

await build({
  absWorkingDir: ROOT,
  entryPoints: { worker: 'pkg-scripts/driver/workers/worker.js', browser: 'pkg-scripts/browser.js' },
  outdir: join(ROOT, 'dist'),
  ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2023', minify: true, keepNames: true },
  plugins: [noNode],
  logLevel: 'warning',
});
