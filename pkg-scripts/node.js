/** @import * as api from './api.node.js' */

export * from './index.js';

/** @type {typeof api.cleanUpFiles} */
export async function cleanUpFiles(request) {
  if (request.folder.includes('://')) {
    const [{ cleanUpStore }, { platform }, { instantiate }] = await Promise.all([
      import('./sinks/store/cleanup.js'),
      import('./platform/node.js'),
      import('./driver/wasm.js'),
    ]);
    await instantiate(await platform.loadWasm());
    return cleanUpStore(request);
  }
  const { cleanUpFolder } = await import('./sinks/disk/partials.js');
  return cleanUpFolder(request);
}

/** @type {typeof api.inspectFile} */
export async function inspectFile({ file, rows, ddl, ...context }) {
  const [{ openSource }, { inspectSource }, { platform }, { instantiate }] = await Promise.all([
    import('./sources/open.js'),
    import('./driver/inspect/index.js'),
    import('./platform/node.js'),
    import('./driver/wasm.js'),
  ]);
  await instantiate(await platform.loadWasm());
  const source = await openSource(file, context);
  try {
    return await inspectSource(source, { rows, ddl });
  } finally {
    await source.close?.();
  }
}

/** @type {typeof api.serve} */
export async function serve(options) {
  // Loaded on demand, because nothing else needs it.
  const { startPage } = await import('./serve/serve.js');
  return startPage(options);
}
