import { mapOrAbort } from '../../driver/utils/map-or-abort.js';
import { partOfPath } from '../disk/manifest.js';
import { manifestKey, readFolder } from './folder.js';
import { openStore } from './open-store.js';

/** @import { ExportOutput } from '../../core.js' */
/** @import { ExistingOutput, SinkContext } from '../../types.js' */

/** Outputs that are inspected at a time. */
const MAX_PARALLEL = 8;
/** How long a store that does not answer is asked before a run begins, in milliseconds. */
const FIRST_CONTACT_MS = 10_000;

/** @typedef {Pick<ExportOutput, 'outputPath' | 'partitioning' | 'isSet' | 'isUpdate'>} Output */

/**
 * What is at the output addresses of a plan. Changes nothing.
 * @param {Output[]} tasks
 * @param {SinkContext} context
 * @returns {Promise<ExistingOutput[]>}
 */
export async function inspectObjects(tasks, context) {
  const { signal = new AbortController().signal } = context;
  // Of a bucket that is not there, every object is absent.
  for (const { outputPath } of tasks.slice(0, 1)) await whyNoObjectIn(outputPath, context);
  return mapOrAbort(tasks, { concurrency: MAX_PARALLEL, signal }, (task, _, signal) =>
    inspectObject(task, firstContact({ ...context, signal })),
  );
}

/**
 * @param {Output} task
 * @param {SinkContext} context
 * @returns {Promise<ExistingOutput>}
 */
async function inspectObject({ outputPath, partitioning, isSet, isUpdate }, context) {
  const { store, key } = await openStore(outputPath, context);
  if (!(partitioning || isSet)) {
    const found = await store.head(key);
    return { path: outputPath, kind: typeof found === 'object' ? 'file' : 'absent' };
  }
  const { listed, text, unfinished, existing } = await readFolder(store, key);
  const own = new Set([...(listed ?? []), ...unfinished]);
  const isOfExport = (/** @type {string} */ file) =>
    partitioning ? file.startsWith(`${partitioning.key}=`) : partOfPath(file) === '';
  const foreign = existing
    .filter((file) => isOfExport(file) && !own.has(file))
    .map((file) => store.url(`${key}/${file}`));
  return {
    ...{ path: outputPath, kind: 'absent' },
    ...(listed && {
      manifest: { path: store.url(manifestKey(key)), files: listed, ...(isUpdate && { text }) },
    }),
    unfinished: unfinished.filter((file) => !listed?.includes(file)),
    unlisted: partitioning ? foreign : [],
    conflict: partitioning ? undefined : foreign[0],
  };
}

/**
 * Fails if no object can be written to a bucket. Returns nothing: the errors have codes and hints of their own.
 * @param {string} url
 * @param {SinkContext} context
 * @returns {Promise<undefined>}
 */
export async function whyNoObjectIn(url, context) {
  const { store, key } = await openStore(url, firstContact(context));
  await store.check(key);
}

/** @param {SinkContext} context */
const firstContact = ({ retryTimeoutMs = FIRST_CONTACT_MS, ...context }) => ({
  ...context,
  retryTimeoutMs: Math.min(retryTimeoutMs, FIRST_CONTACT_MS),
});
