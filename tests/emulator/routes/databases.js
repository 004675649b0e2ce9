import { allow, shownPermission } from '../accounts.js';
import { callerOf, flag, paramsOf, pathOf } from '../parameters.js';

/**
 * Routes of databases, and of the key's user.
 * @param {import('../server.js').App} app
 */
export function databaseRoutes(app) {
  app.get('/v3/database/list', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'list_databases');
    const detailed = flag(paramsOf(request).require_permissions) ?? false;
    return {
      databases: [...account.catalog.databases.values()].map((database) => ({
        ...database.toJson(shownPermission(key, database.name)),
        ...(detailed && { database_permissions: permissions(key, database.name) }),
      })),
    };
  });

  app.get('/v3/database/show/:database', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'list_databases');
    const database = account.catalog.database(pathOf(request).database ?? '');
    return {
      ...database.toJson(shownPermission(key, database.name)),
      id: String(database.id),
      datatank: false,
    };
  });

  app.post('/v3/database/create/:database', async (request) => {
    const { account, key } = callerOf(request);
    const { database = '' } = pathOf(request);
    allow(key, 'write');
    await account.catalog.createDatabase(database);
    return { database };
  });

  app.post('/v3/database/delete/:database', async (request) => {
    const { account, key } = callerOf(request);
    const { database = '' } = pathOf(request);
    allow(key, 'write', database);
    await account.catalog.deleteDatabase(database);
    return { database };
  });

  app.get('/v3/user/apikey/validate', (request) => ({ name: callerOf(request).account.user.name }));
  app.get('/v3/user/show', (request) => showUser(callerOf(request)));
  app.get('/v3/user/list', (request) => ({ users: [showUser(callerOf(request))] }));
}

/** @param {import('../server.js').Caller} caller */
function showUser({ account, key }) {
  return {
    id: account.id,
    account_id: account.id,
    name: account.user.name,
    email: account.user.email,
    administrator: key.permission === 'master',
    me: true,
  };
}

/**
 * @param {import('../accounts.js').Key} key
 * @param {string} database
 */
function permissions(key, database) {
  const shown = shownPermission(key, database);
  const full = shown === 'administrator' || shown === 'full_access';
  const query = full || shown === 'query_only';
  return { edit: full, delete: full, query, import: full || shown === 'import_only', download: query };
}
