import { allow } from '../accounts.js';
import { ApiError } from '../errors.js';
import { callerOf, paramsOf, pathOf, text } from '../parameters.js';

const ACCOUNT_SINCE = '2020-01-01 00:00:00 UTC';

/**
 * Routes of an account's plan, its connections, result targets, saved queries and schedules. They are read only.
 * @param {import('../server.js').App} app
 */
export function accountRoutes(app) {
  app.get('/v3/account/show', (request) => {
    const { account } = callerOf(request);
    const sizes = [...account.catalog.databases.values()].flatMap(({ tables }) =>
      [...tables.values()].map((table) => table.bytes),
    );
    const storage = sizes.reduce((sum, size) => sum + size, 0);
    return {
      account: {
        ...{ id: account.id, plan: 0, storage_size: storage, guaranteed_cores: 0, maximum_cores: 0 },
        created_at: ACCOUNT_SINCE,
      },
    };
  });

  app.get('/v3/connections/lookup', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'query');
    const name = text(paramsOf(request).name) ?? '';
    const found = account.connections.find((connection) => connection.name === name);
    if (!found) throw new ApiError(404, `Couldn't find Connection with name = ${name}`);
    return { id: found.id };
  });

  app.get('/v3/schedule/list', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'query');
    return { schedules: account.schedules };
  });

  // Nothing runs a schedule, so its history is empty.
  app.get('/v3/schedule/history/:name', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'query');
    const { name = '' } = pathOf(request);
    if (!account.schedules.some((schedule) => schedule.name === name))
      throw new ApiError(404, `Couldn't find ScheduledQuery with name = ${name}`);
    return { count: 0, from: null, to: null, history: [] };
  });

  app.get('/v3/result/list', (request) => {
    const { account, key } = callerOf(request);
    allow(key, 'query');
    return { results: account.resultTargets };
  });
}
