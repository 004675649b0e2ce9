// Bundles what browsers load: the library and its encode worker, each as one self-contained file, for any bundler and any
// static host.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** @satisfies {import('esbuild').BuildOptions} */
const OPTIONS = {
  absWorkingDir: ROOT,
  outdir: join(ROOT, 'dist'),
  ...{ bundle: true, format: 'esm', platform: 'browser', target: 'es2023' },
  plugins: [noNode],
  logLevel: 'warning',
};

/**
 * The files that bundles consist of. Nothing is written.
 * @param {string[]} entryPoints
 * @returns {Promise<import('esbuild').Metafile>}
 */
export async function bundleContents(entryPoints) {
  const { metafile } = await build({
    ...{ ...OPTIONS, entryPoints, write: false, metafile: true },
    ...{ jsx: 'automatic', jsxImportSource: 'preact', loader: { '.woff2': 'file' } },
  });
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const entryPoints = { worker: 'pkg-scripts/driver/workers/worker.js', browser: 'pkg-scripts/browser.js' };
  await build({ ...OPTIONS, entryPoints, minify: true, keepNames: true });
}
