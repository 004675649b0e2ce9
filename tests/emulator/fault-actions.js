import {
  answer,
  changeHeaders,
  corrupter,
  cutter,
  filterBody,
  loseAnswer,
  shorten,
  staller,
} from './fault-bodies.js';
import { fillAccount } from './seed.js';

/**
 * What a fault does to a request.
 *
 * @typedef {import('./faults.js').Action} Action
 * @typedef {import('fastify').FastifyRequest} Request
 * @typedef {object} Target
 * @property {Request} request
 * @property {import('fastify').FastifyReply} reply
 * @property {import('./emulator.js').Emulator} emulator
 * @property {string[]} caught what the rule's path caught
 * @property {(() => Promise<void>)[]} undo gets what has to be undone in the end
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
      if (action.carriedOut) return loseAnswer(response, (end) => answer(response, withHeaders(action), end));
      reply.hijack();
      request.raw.resume();
      return answer(response, withHeaders(action), (body) => response.end(body));
    case 'refuse':
      return refuse(action.ms, target);
    case 'reset':
      if (action.carriedOut) return loseAnswer(response, () => request.raw.socket.resetAndDestroy());
      if (action.afterBytes === undefined) {
        reply.hijack();
        request.raw.socket.resetAndDestroy();
        return;
      }
      return filterBody(
        response,
        cutter(action.afterBytes, () => request.raw.socket.resetAndDestroy()),
      );
    case 'truncate':
      if (action.lies) return shorten(response, action.afterBytes);
      return filterBody(
        response,
        cutter(action.afterBytes, () => request.raw.socket.end()),
      );
    case 'corrupt':
      return filterBody(response, corrupter(action.atByte));
    case 'stall':
      return filterBody(response, staller(action.afterBytes ?? 0, action.ms));
    case 'delay':
      return new Promise((done) => setTimeout(done, action.ms).unref());
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
  // A date has whole seconds: the next one is not too early.
  const at = new Date(Math.ceil(Date.now() / 1000 + seconds) * 1000);
  const value = as === 'date' ? at.toUTCString() : String(seconds);
  return { ...action, headers: { ...action.headers, 'retry-after': value } };
}

/**
 * Closes the site: its connections are cut, new ones are refused until it opens again at the same port.
 * @param {number} ms -1 until the faults are cleared
 * @param {Target} target
 */
function refuse(ms, { request, reply, undo }) {
  const { server } = request.server;
  const { address: host, port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  reply.hijack();
  server.close();
  server.closeAllConnections();
  const open = () =>
    new Promise((done) => {
      if (server.listening) return done(undefined);
      server.listen({ host, port }, () => done(undefined));
    });
  undo.push(/** @type {() => Promise<void>} */ (open));
  if (ms >= 0) setTimeout(open, ms).unref();
}

/**
 * @param {Extract<Action, { type: 'drop_table' | 'drop_tables' | 'create_table' }>} action
 * @param {Target} target
 */
async function changeTable(action, { emulator, caught }) {
  const filled = (/** @type {string} */ text) =>
    text.replace(/\$(\d)/g, (_, place) => caught[Number(place)] ?? '');
  const database = filled(action.database);
  const account = emulator.accounts.find(({ name }) => name === action.account);
  if (!account) throw new Error(`no account ${action.account}`);
  if (action.type === 'drop_tables') {
    const names = [...account.catalog.database(database).tables.keys()];
    const doomed = names.filter((name) => new RegExp(action.tables).test(name));
    for (const name of doomed) await account.catalog.deleteTable(database, name);
    return;
  }
  const table = filled(action.table);
  if (action.type === 'drop_table') return account.catalog.deleteTable(database, table);
  const schema = [['foreign', 'long']];
  const { records = [{ time: 1, foreign: 1 }] } = action;
  await fillAccount(account, [{ name: database, tables: [{ name: table, schema, records }] }]);
}
