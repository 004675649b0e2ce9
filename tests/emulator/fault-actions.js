import {
  changeHeaders,
  cutAfter,
  filterBody,
  flipByte,
  replaceResponse,
  sendStatus,
  stallAfter,
  truncateBody,
} from './fault-bodies.js';
import { fillAccount } from './seed.js';

/**
 * Applies the actions of faults to requests.
 *
 * @typedef {import('./faults.js').Action} Action
 * @typedef {import('fastify').FastifyRequest} Request
 * @typedef {object} Target
 * @property {Request} request
 * @property {import('fastify').FastifyReply} reply
 * @property {import('./emulator.js').Emulator} emulator
 * @property {string[]} captures groups of the rule's `path`
 * @property {(() => Promise<void>)[]} undo functions that clearing the faults calls
 */

/**
 * @param {Action} action
 * @param {Target} target
 */
export async function inject(action, target) {
  const { request, reply } = target;
  const { raw: response } = reply;
  switch (action.type) {
    case 'status':
      if (action.carriedOut)
        return replaceResponse(response, (end) => sendStatus(response, withHeaders(action), end));
      reply.hijack();
      request.raw.resume();
      return sendStatus(response, withHeaders(action), (body) => response.end(body));
    case 'refuse':
      return refuse(action.ms, target);
    case 'reset':
      if (action.carriedOut) return replaceResponse(response, () => request.raw.socket.resetAndDestroy());
      if (action.afterBytes === undefined) {
        reply.hijack();
        request.raw.socket.resetAndDestroy();
        return;
      }
      return filterBody(
        response,
        cutAfter(action.afterBytes, () => request.raw.socket.resetAndDestroy()),
      );
    case 'truncate':
      if (action.lies) return truncateBody(response, action.afterBytes);
      return filterBody(
        response,
        cutAfter(action.afterBytes, () => request.raw.socket.end()),
      );
    case 'corrupt':
      return filterBody(response, flipByte(action.atByte));
    case 'stall':
      return filterBody(response, stallAfter(action.afterBytes ?? 0, action.ms));
    case 'delay':
      return new Promise((resolve) => setTimeout(resolve, action.ms).unref());
    case 'ignore_range':
      delete request.raw.headers.range;
      /** @type {any} */ (request).ignoreRange = true;
      return;
    case 'redirect':
      /** @type {any} */ (request).redirect = action.status;
      return;
    case 'headers':
      return changeHeaders(response, action.headers);
    case 'patch':
      /** @type {any} */ (request).patch = action.set;
      return;
    case 'revoke_key': {
      const caller = /** @type {any} */ (request).caller;
      if (!caller) return;
      caller.key.revoked = true;
      target.undo.push(async () => {
        caller.key.revoked = false;
      });
      return;
    }
    case 'drop_table':
    case 'drop_tables':
    case 'create_table':
      return changeTable(action, target);
    default:
  }
}

/** @param {Extract<Action, { type: 'status' }>} action */
function withHeaders({ retryAfter, ...action }) {
  if (!retryAfter) return action;
  const { seconds, as = 'seconds' } = retryAfter;
  // HTTP dates have whole seconds. Rounding up makes sure that the date is not too early.
  const date = new Date(Math.ceil(Date.now() / 1000 + seconds) * 1000);
  const value = as === 'date' ? date.toUTCString() : String(seconds);
  return { ...action, headers: { ...action.headers, 'retry-after': value } };
}

/**
 * Closes the site: resets its connections and refuses new ones until it opens again at the same port.
 * @param {number} ms -1: until the faults are cleared
 * @param {Target} target
 */
function refuse(ms, { request, reply, undo }) {
  const { server } = request.server;
  const { address: host, port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  reply.hijack();
  server.close();
  server.closeAllConnections();
  const open = () =>
    new Promise((resolve) => {
      if (server.listening) return resolve(undefined);
      server.listen({ host, port }, () => resolve(undefined));
    });
  undo.push(/** @type {() => Promise<void>} */ (open));
  if (ms >= 0) setTimeout(open, ms).unref();
}

/**
 * @param {Extract<Action, { type: 'drop_table' | 'drop_tables' | 'create_table' }>} action
 * @param {Target} target
 */
async function changeTable(action, { emulator, captures }) {
  const expand = (/** @type {string} */ text) =>
    text.replace(/\$(\d)/g, (_, index) => captures[Number(index)] ?? '');
  const database = expand(action.database);
  const account = emulator.accounts.find(({ name }) => name === action.account);
  if (!account) throw new Error(`no account ${action.account}`);
  if (action.type === 'drop_tables') {
    const names = [...account.catalog.database(database).tables.keys()];
    const matching = names.filter((name) => new RegExp(action.tables).test(name));
    for (const name of matching) await account.catalog.deleteTable(database, name);
    return;
  }
  const table = expand(action.table);
  if (action.type === 'drop_table') return account.catalog.deleteTable(database, table);
  const schema = [['foreign', 'long']];
  const { records = [{ time: 1, foreign: 1 }] } = action;
  await fillAccount(account, [{ name: database, tables: [{ name: table, schema, records }] }]);
}
