import { allow, isAllowed } from '../accounts.js';
import { quote, schemaOf } from '../engine.js';
import { ApiError, validation } from '../errors.js';
import { callerOf, flag, integer, paramsOf, pathOf, text } from '../parameters.js';
import { parseSchema } from '../schema.js';
import { utc } from '../table.js';
import { sendRows } from './tail.js';

/**
 * Logical views as a table listing shows them.
 * @param {Map<string, import('../database.js').View>} views
 * @param {'absent' | 'view' | 'log'} form
 */
function listedViews(views, form) {
  if (form === 'absent') return [];
  return [...views.values()].map(({ id, name, createdAt }) => ({
    ...{ id, name, type: form, count: 0, estimated_storage_size: 0, schema: '[]' },
    ...{ created_at: utc(createdAt), updated_at: utc(createdAt) },
  }));
}

/**
 * Routes of tables.
 * @typedef {import('../server.js').Request} Request
 * @param {import('../server.js').App} app
 */
export function tableRoutes(app) {
  app.get('/v3/table/list/:database', (request) => {
    const { account, database } = authorize(request, 'list_tables');
    const descriptions = flag(paramsOf(request).include_descriptions) ?? false;
    const { tables, views } = account.catalog.database(database);
    return {
      database,
      tables: [
        ...[...tables.values()].map((table) => table.toJson(descriptions)),
        ...listedViews(views, account.catalog.settings.listedViews),
      ],
    };
  });

  app.get('/v3/table/show/:database/:table', (request) => {
    const { account, database, table } = authorize(request, 'list_tables');
    const descriptions = flag(paramsOf(request).include_descriptions) ?? false;
    return account.catalog.table(database, table).toJson(descriptions);
  });

  app.post('/v3/table/create/:database/:table', create);
  app.post('/v3/table/create/:database/:table/:type', create);

  app.post('/v3/table/delete/:database/:table', async (request) => {
    const { account, database, table } = authorize(request, 'write');
    await account.catalog.deleteTable(database, table);
    return tableBody(database, table);
  });

  app.get('/v3/table/deleted', (request) => {
    const { account, key } = callerOf(request);
    const tables = account.catalog.deletedTables.filter(({ database }) => isAllowed(key, 'write', database));
    return {
      tables: tables.map(({ database, name, table, deletedAt }) => ({
        ...table.toJson(false),
        ...{ name, database, deleted_at: utc(deletedAt) },
      })),
    };
  });

  app.post('/v3/table/recover/:id', async (request) => {
    const { account, key } = callerOf(request);
    const id = Number(pathOf(request).id);
    const database = account.catalog.deletedTables.find(({ table }) => table.id === id)?.database;
    allow(key, 'write', database);
    const recovered = await account.catalog.recoverTable(id);
    return tableBody(recovered.database, recovered.name);
  });

  app.post('/v3/table/rename/:database/:table/:to', async (request) => {
    const { account, database, table } = authorize(request, 'write');
    const { to = '' } = pathOf(request);
    await account.catalog.renameTable(database, table, to, flag(paramsOf(request).overwrite) ?? false);
    return tableBody(database, to);
  });

  app.post('/v3/table/swap/:database/:table/:other', async (request) => {
    const { account, database, table } = authorize(request, 'write');
    const { other = '' } = pathOf(request);
    await account.catalog.swapTables(database, table, other);
    return { database, table1: table, table2: other };
  });

  app.post('/v3/table/change_database/:database/:table', async (request) => {
    const { account, key, database, table } = authorize(request, 'write');
    const to = text(paramsOf(request).dest_database_name) ?? '';
    allow(key, 'write', to);
    await account.catalog.changeDatabase(database, table, to);
    return tableBody(to, table);
  });

  app.post('/v3/table/update-schema/:database/:table', async (request) => {
    const { account, database, table } = authorize(request, 'write');
    const params = paramsOf(request);
    if (params.schema === undefined) throw validation('schema is missing');
    return update(account, database, table, params);
  });

  app.post('/v3/table/append-schema/:database/:table', async (request) => {
    const { account, database, table: name } = authorize(request, 'write');
    const table = account.catalog.table(database, name);
    const added = parseSchema(paramsOf(request).schema, account.catalog.settings).filter(
      (column) => !table.columns.some((known) => known.key === column.key),
    );
    const columns = parseSchema(
      [...table.columns, ...added].map((column) => [
        column.key,
        column.type,
        column.alias,
        column.description,
      ]),
      account.catalog.settings,
    );
    await account.catalog.updateTable(database, table, { columns });
    return tableBody(database, name);
  });

  app.post('/v3/table/update/:database/:table', async (request) => {
    const { account, database, table } = authorize(request, 'write');
    return update(account, database, table, paramsOf(request));
  });

  app.get('/v3/table/tail/:database/:table', async (request, reply) => {
    const { account, database, table } = authorize(request, 'query');
    const count = integer(paramsOf(request).count) ?? 30;
    account.catalog.table(database, table);
    const from = `td.${quote(schemaOf(database))}.${quote(table)}`;
    return sendRows(
      account,
      database,
      `SELECT * FROM ${from} ORDER BY time DESC LIMIT ${count}`,
      paramsOf(request),
      reply,
    );
  });

  app.get('/v3/table/distribution/:database/:table', (request) => {
    const { account, database, table } = authorize(request, 'list_tables');
    account.catalog.table(database, table);
    throw new ApiError(404, `Table ${table} is not user-partitioned`);
  });
}

/**
 * @param {Request} request
 * @param {import('../accounts.js').Action} action
 */
function authorize(request, action) {
  const { account, key } = callerOf(request);
  const { database = '', table = '' } = pathOf(request);
  account.catalog.database(database);
  allow(key, action, database);
  return { account, key, database, table };
}

/**
 * @param {string} database
 * @param {string} table
 */
const tableBody = (database, table) => ({ database, table, type: 'log' });

/** @param {Request} request */
async function create(request) {
  const { account, database, table } = authorize(request, 'write');
  const params = paramsOf(request);
  if ((pathOf(request).type ?? 'log') !== 'log') throw validation('Type is not included in the list');
  const existing = account.catalog.database(database).tables.get(table);
  const idempotentKey = text(params.idempotent_key);
  if (existing && idempotentKey && existing.idempotentKey === idempotentKey)
    return tableBody(database, table);
  const source = text(params.source_table);
  const template = source ? account.catalog.table(database, source) : undefined;
  const columns =
    params.schema === undefined
      ? (template?.columns ?? [])
      : parseSchema(params.schema, account.catalog.settings);
  const settings = { ...template?.settings, ...settingsOf(params) };
  const created = await account.catalog.createTable(database, table, columns, settings);
  created.idempotentKey = idempotentKey;
  return tableBody(database, table);
}

/**
 * @param {import('../accounts.js').Account} account
 * @param {string} database
 * @param {string} name
 * @param {Record<string, unknown>} params
 */
async function update(account, database, name, params) {
  const table = account.catalog.table(database, name);
  const ignoreDuplicates = flag(params.ignore_duplicate_schema) ?? false;
  const options = { old: table.columns, ignoreDuplicates, anyNames: account.catalog.settings.anyNames };
  const columns = params.schema === undefined ? undefined : parseSchema(params.schema, options);
  await account.catalog.updateTable(database, table, { columns, settings: settingsOf(params) });
  const to = text(params.name);
  if (to && to !== name)
    await account.catalog.renameTable(database, name, to, flag(params.overwrite) ?? false);
  return tableBody(database, to ?? name);
}

/** @param {Record<string, unknown>} params */
function settingsOf(params) {
  /** @type {Partial<import('../table.js').Settings>} */
  const settings = {};
  // 0 disables the expiry.
  const expireDays = integer(params.expire_days);
  if (expireDays !== undefined) settings.expireDays = expireDays === 0 ? null : expireDays;
  const includeV = flag(params.include_v);
  if (includeV !== undefined) settings.includeV = includeV;
  const detectSchema = flag(params.detect_schema);
  if (detectSchema !== undefined) settings.detectSchema = detectSchema;
  if (params.description !== undefined) settings.description = text(params.description) ?? null;
  return settings;
}
