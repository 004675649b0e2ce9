// Bundles what browsers load: the library and its encode worker, each as one self-contained file, for any bundler and any
// static host.
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './steps.js';

/** Replaces the Node modules that workerpool requires in Node.
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
