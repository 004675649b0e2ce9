import { allow, isAllowed, shownPermission } from '../accounts.js';
import { callerOf, flag, paramsOf, pathOf } from '../parameters.js';

const USER_SINCE = '2020-01-01 00:00:00 UTC';

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

  app.get('/v3/user/apikey/validate', (request) => {
    const { account, key } = callerOf(request);
    const administrator = key.permission === 'master';
    return {
      key_type: key.permission === 'write_only' ? 'write_only' : 'master',
      account_id: account.id,
      user_id: account.id,
      administrator,
    };
  });
  app.get('/v3/user/show', (request) => showUser(callerOf(request)));
  app.get('/v3/user/list', (request) => ({ users: [showUser(callerOf(request))] }));
}

/**
 * The fields of TD's schema, which is closed: td-client-java and td-client-go read these and no others.
 * @param {import('../server.js').Caller} caller
 */
function showUser({ account, key }) {
  const { name, email } = account.user;
  const administrator = key.permission === 'master';
  return {
    ...{ id: account.id, name, first_name: name, last_name: '', email, phone: null, gravatar_url: '' },
    ...{ administrator, account_owner: administrator, created_at: USER_SINCE, updated_at: USER_SINCE },
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
  const download = isAllowed(key, 'download', database);
  return { edit: full, delete: full, query, import: full || shown === 'import_only', download };
}
