import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { allow } from '../accounts.js';
import { runCodec } from '../codec.js';
import { ApiError } from '../errors.js';
import { callerOf, pathOf } from '../parameters.js';
import { saveBody } from '../save-body.js';
import { registerUploads } from './upload.js';

/**
 * Routes of streaming import, which adds records directly to a table. A request with a known unique_id is accepted and
 * ignored. Invalid records are dropped without an error.
 *
 * @typedef {import('../server.js').Request} Request
 * @param {import('../server.js').App} app
 * @param {import('../emulator.js').Emulator} emulator
 */
export function importRoutes(app, emulator) {
  /** @type {Set<string>} */
  const seenIds = new Set();
  let count = 0;

  /** @param {Request} request */
  async function importRecords(request) {
    const started = Date.now();
    const { account, key } = callerOf(request);
    const { database = '', table: name = '', unique_id: uniqueId, format } = pathOf(request);
    account.catalog.database(database);
    allow(key, 'import', database);
    const table = account.catalog.table(database, name);
    if (format !== 'msgpack.gz') throw new ApiError(406, `Unknown format: ${format}`);
    const prefix = join(account.folder, `stream${count++}`);
    const body = `${prefix}.msgpack.gz`;
    try {
      await saveBody(request, body);
      const md5 = createHash('md5')
        .update(await readFile(body))
        .digest('hex');
      const id = JSON.stringify([account.id, database, name, uniqueId]);
      if (uniqueId === undefined || !seenIds.has(id)) {
        seenIds.add(id);
        const task = { parts: [body], output_prefix: prefix, errors: `${prefix}.errors`, threads: 1 };
        /** @type {import('../codec.js').ImportReport} */
        const report = await runCodec('import', task);
        await rm(`${prefix}.errors`);
        if (report.part_errors[0])
          throw new ApiError(400, `The body cannot be read: ${report.part_errors[0][1]}`);
        const added = add(account, table, report.files);
        if (emulator.settings.streamingDelayMs === 0) await added;
        else added.catch(() => {});
      }
      return {
        unique_id: uniqueId ?? null,
        elapsed_time: (Date.now() - started) / 1000,
        md5_hex: md5,
        database,
        table: name,
      };
    } finally {
      await rm(body, { force: true });
    }
  }

  /**
   * @param {import('../accounts.js').Account} account
   * @param {import('../table.js').Table} table
   * @param {import('../codec.js').DataFile[]} files
   */
  async function add(account, table, files) {
    if (files.length === 0) return;
    await sleep(emulator.settings.streamingDelayMs, undefined, { ref: false });
    if (account.catalog.contains(table)) await account.catalog.append(table, files);
  }

  registerUploads(app, (scope) => {
    scope.put('/v3/table/import/:database/:table/:format', importRecords);
    scope.put('/v3/table/import_with_id/:database/:table/:unique_id/:format', importRecords);
  });
}
