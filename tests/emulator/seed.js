import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCodec } from './codec.js';
import { encode } from './msgpack.js';
import { generate } from './recipes.js';
import { parseSchema } from './schema.js';

/**
 * Accounts and data from a readable file.
 *
 * @typedef {object} Seed
 * @property {AccountSeed[]} accounts
 *
 * @typedef {object} AccountSeed
 * @property {string} name
 * @property {number} id
 * @property {string} site
 * @property {{ name: string, email: string }} [user]
 * @property {{ name: string, key: string, permission: import('./accounts.js').Permission,
 *   databases?: Record<string, import('./accounts.js').Permission> }[]} keys
 * @property {DatabaseSeed[]} [databases]
 * @property {import('./workflows.js').WorkflowSeed[]} [workflows]
 *
 * @typedef {object} DatabaseSeed
 * @property {string} name
 * @property {TableSeed[]} [tables]
 *
 * @typedef {object} TableSeed
 * @property {string} name
 * @property {unknown[][]} [schema] as the API takes it
 * @property {number} [expire_days]
 * @property {boolean} [include_v]
 * @property {string} [description]
 * @property {Record<string, unknown>[]} [records] by key; see msgpack.js for values that JSON lacks
 * @property {import('./recipes.js').Generated} [generate] records made by a recipe
 */

/**
 * @param {import('./accounts.js').Account} account
 * @param {DatabaseSeed[]} databases
 */
export async function fillAccount(account, databases) {
  for (const database of databases) {
    if (!account.catalog.databases.has(database.name)) await account.catalog.createDatabase(database.name);
    for (const table of database.tables ?? []) await fillTable(account, database.name, table);
  }
}

/**
 * @param {import('./accounts.js').Account} account
 * @param {string} database
 * @param {TableSeed} seed
 */
async function fillTable(account, database, seed) {
  const generated = seed.generate ? await generate(account, seed.generate) : null;
  const schema = parseSchema(seed.schema ?? generated?.schema ?? [], account.catalog.settings);
  const settings = {
    expireDays: seed.expire_days ?? null,
    includeV: seed.include_v ?? true,
    description: seed.description ?? null,
  };
  const table = await account.catalog.createTable(database, seed.name, schema, settings);
  const files = [
    ...(generated?.files ?? []),
    ...(await importRecords(account, table.id, seed.records ?? [])),
  ];
  if (files.length > 0) await account.catalog.append(table, files);
}

/**
 * @param {import('./accounts.js').Account} account
 * @param {number} id
 * @param {Record<string, unknown>[]} records
 * @returns {Promise<import('./codec.js').DataFile[]>}
 */
async function importRecords(account, id, records) {
  if (records.length === 0) return [];
  const part = join(account.folder, `seed${id}.msgpack.gz`);
  await writeFile(part, gzipSync(Buffer.concat(records.map(encode))));
  const order = {
    parts: [part],
    output_prefix: join(account.folder, `seed${id}-`),
    errors: `${part}.errors`,
    threads: 1,
  };
  /** @type {import('./codec.js').ImportReport} */
  const report = await runCodec('import', order);
  if (report.error_records > 0 || report.error_parts > 0)
    throw new Error('the seed has records without an integer time');
  return report.files;
}
