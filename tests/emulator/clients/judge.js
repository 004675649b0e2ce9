// td-client-node, the npm package `td`, against the emulator. Prints a line of JSON per operation.
//   node judge.js FOLDER URL KEY, where FOLDER has node_modules/td
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { encode } from '../msgpack.js';

const [folder = '', url = '', key = ''] = process.argv.slice(2);
const { TDClient } = createRequire(`${folder}/`)('td');
const client = new TDClient(key, { protocol: 'http', host: new URL(url).host });

/** Calls a method of the client, whose last argument is a callback. */
const td = (/** @type {string} */ method, /** @type {any[]} */ ...args) =>
  new Promise((resolve, reject) => {
    client[method](...args, (/** @type {Error | null} */ error, /** @type {any} */ result) =>
      error ? reject(error) : resolve(result),
    );
  });

/** @param {string} name @param {() => Promise<boolean>} check */
async function operation(name, check) {
  let reason = '';
  try {
    if (!(await check())) reason = 'another answer';
  } catch (error) {
    reason = error instanceof Error ? error.message : String(error);
  }
  console.log(JSON.stringify({ operation: name, passed: reason === '', reason }));
}

/** @param {() => Promise<boolean>} isDone */
async function until(isDone) {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    if (await isDone()) return true;
    await sleep(10);
  }
  return false;
}

const isRefused = (/** @type {Promise<unknown>} */ call, /** @type {RegExp} */ reason) =>
  call.then(
    () => false,
    (error) => reason.test(error.message),
  );

const db = 'node_judge';
const sql = 'SELECT COUNT(1) AS cnt FROM customers';
const rows = [
  { time: 1, n: 1, s: 'a' },
  { time: 2, n: 2, s: 'b' },
];
const part = () => Readable.from([gzipSync(Buffer.concat(rows.map(encode)))]);
const ended = (/** @type {string} */ id) => until(async () => (await td('showJob', id)).status === 'success');
const issued = async (/** @type {string} */ method) => {
  const { job_id: id } = await td(method, 'shop', sql);
  return (await ended(id)) ? id : '';
};
const status = async (/** @type {string} */ session) => (await td('showBulkImport', session)).status;

await operation('system: server status', async () => (await td('serverStatus')).status === 'ok');
await operation('databases: create', async () => (await td('createDatabase', db)).database === db);
await operation('databases: create twice', () => isRefused(td('createDatabase', db), /already exists/));
await operation('databases: list', async () =>
  (await td('listDatabases')).databases.some((/** @type {any} */ one) => one.name === db),
);
await operation('tables: create', async () => (await td('createLogTable', db, 'one')).table === 'one');
await operation('tables: create an item table', () => isRefused(td('createItemTable', db, 'item'), /Type/));
await operation('tables: list', async () => (await td('listTables', db)).tables[0].name === 'one');
await operation('tables: update schema', async () => {
  await td('updateSchema', db, 'one', { schema: JSON.stringify([['n', 'long']]) });
  return (await td('listTables', db)).tables[0].schema === '[["n","long"]]';
});
await operation('tables: swap', async () => {
  await td('createLogTable', db, 'two');
  return (await td('swapTable', db, 'one', 'two')).table2 === 'two';
});
await operation('tables: tail', async () => {
  const tail = JSON.parse(String(await td('tail', 'shop', 'customers', 2)));
  return tail.length === 2;
});
await operation('tables: delete', async () => (await td('deleteTable', db, 'two')).table === 'two');
await operation('jobs: Hive query', async () => (await issued('hiveQuery')) !== '');
await operation('jobs: Presto query', async () => (await issued('prestoQuery')) !== '');
await operation('jobs: Trino query', async () => (await issued('trinoQuery')) !== '');
await operation('jobs: list', async () => (await td('listJobs', 0, 1)).jobs.length === 2);
await operation('jobs: list all', async () => (await td('listJobs')).jobs.length > 0);
await operation('jobs: show', async () => {
  const job = await td('showJob', await issued('prestoQuery'));
  return job.hive_result_schema === '[["cnt", "bigint"]]';
});
await operation('jobs: show an unknown job', () => isRefused(td('showJob', '7'), /Couldn't find Job/));
await operation('jobs: kill', async () => {
  const { job_id: id } = await td('prestoQuery', 'shop', 'SELECT COUNT(1) FROM page_views a, page_views b');
  const { former_status: former } = await td('kill', id);
  return (
    typeof former === 'string' && (await until(async () => (await td('showJob', id)).status === 'killed'))
  );
});
await operation(
  'results: tsv',
  async () => (await td('jobResult', await issued('prestoQuery'))).trim() === '3',
);
await operation(
  'results: json',
  async () => (await td('jobResult', await issued('prestoQuery'), 'json')).trim() === '[3]',
);
await operation(
  'results: csv',
  async () => (await td('jobResult', await issued('prestoQuery'), 'csv')).trim() === '3',
);
await operation('import: streaming', async () => {
  const body = gzipSync(Buffer.concat(rows.map(encode)));
  const answer = await td('import', db, 'one', 'msgpack.gz', Readable.from([body]), body.length);
  return JSON.parse(String(answer)).table === 'one';
});
await operation('import: streaming with an id', async () => {
  const body = gzipSync(Buffer.concat(rows.map(encode)));
  const answer = await td('import', db, 'one', 'msgpack.gz', Readable.from([body]), body.length, 'once');
  return JSON.parse(String(answer)).unique_id === 'once';
});
await operation(
  'bulk import: create',
  async () => (await td('createBulkImport', 'node_bulk', db, 'one')).name === 'node_bulk',
);
await operation('bulk import: upload parts', async () => {
  await td('bulkImportUploadPart', 'node_bulk', 'part1', part());
  await td('bulkImportUploadPart', 'node_bulk', 'part2', part());
  return true;
});
await operation(
  'bulk import: list parts',
  async () => (await td('listBulkImportParts', 'node_bulk')).parts.join() === 'part1,part2',
);
await operation('bulk import: delete a part', async () => {
  await td('bulkImportDeletePart', 'node_bulk', 'part2');
  return (await td('listBulkImportParts', 'node_bulk')).parts.join() === 'part1';
});
await operation('bulk import: list', async () =>
  (await td('listBulkImports')).bulk_imports.some((/** @type {any} */ one) => one.name === 'node_bulk'),
);
await operation('bulk import: perform without freeze', async () => {
  await td('performBulkImport', 'node_bulk');
  return until(async () => (await status('node_bulk')) === 'ready');
});
await operation(
  'bulk import: show',
  async () => (await td('showBulkImport', 'node_bulk')).valid_records === 2,
);
await operation('bulk import: commit', async () => {
  await td('commitBulkImport', 'node_bulk');
  return until(async () => (await status('node_bulk')) === 'committed');
});
await operation(
  'bulk import: delete',
  async () => (await td('deleteBulkImport', 'node_bulk')).name === 'node_bulk',
);
await operation('schedules: list', async () => Array.isArray((await td('listSchedules')).schedules));
await operation('schedules: history', async () =>
  Array.isArray((await td('history', 'daily_sales')).history),
);
await operation('results: list targets', async () => Array.isArray((await td('listResult')).results));
await operation('databases: delete', async () => (await td('deleteDatabase', db)).database === db);
await operation('databases: delete twice', () => isRefused(td('deleteDatabase', db), /Couldn't find/));
