import { checkAccount } from '../account.js';
import { errorCode, PetitError, toPetitError } from '../errors.js';
import { callIdempotently } from '../td/idempotent.js';
import { wasm } from '../wasm.js';
import { cleanupCalls } from './cleanup.js';
import { probeImport } from './import.js';
import { READERS } from './read.js';
import { probeRename } from './rename.js';

/** @import { Ask, ConformanceAnswer, Observation, Probe } from '../../core.js' */
/** @import { Conformance, ConformanceRequest } from '../../types.js' */
/** @import { RunContext } from '../run/run.js' */
/** @import { TdClient } from '../td/client.js' */

/**
 * What a probe works with.
 * @typedef {object} ProbeContext
 * @property {RunContext} run
 * @property {TdClient} td
 * @property {boolean} isRelayed whether the calls go through a relay
 * @property {string} database that queries run in: any that the key can read, or that of the probes that write
 *
 * @typedef {{ observation: Observation, body?: Uint8Array }} Seen
 *
 * @typedef {(context: ProbeContext, ask: Ask) => Promise<Seen>} Prober
 */

/** Each gets its own kind of question. */
const PROBERS = { ...READERS, rename: probeRename, import: probeImport };

/**
 * Asks an account the questions about Treasure Data that its documentation leaves open. Reads no row of a table. With
 * `writeTo`, it creates a database of that name for the questions that need one, and deletes it.
 * @param {RunContext} run
 * @param {ConformanceRequest} request
 * @returns {Promise<Conformance>}
 */
export async function checkConformance(run, { account, writeTo }) {
  const access = await checkAccount(run, account);
  const td = run.connect(account);
  const isRelayed = account.relay !== undefined;
  const database = access.databases.find(({ permissions }) => permissions.includes('read'))?.name;
  if (database === undefined)
    throw new PetitError('forbidden', 'the key can query no database, which most questions need');
  /** @type {ConformanceAnswer[]} */
  const answers = [];
  const ask = async (/** @type {ProbeContext} */ context, /** @type {boolean} */ writes) => {
    for (const probe of wasm.conformanceProbes(writes)) {
      for (const answer of await answersTo(context, probe)) {
        answers.push(answer);
        run.onEvent({ type: 'answer', ...answer });
      }
    }
  };
  const context = { run, td, isRelayed, database };
  if (writeTo !== undefined) refuseExisting(access.databases, writeTo);
  await ask(context, false);
  if (writeTo !== undefined)
    await inNewDatabase(context, writeTo, () => ask({ ...context, database: writeTo }, true));
  return { answers, differing: answers.filter(({ verdict }) => verdict === 'differs').length };
}

/**
 * @param {ProbeContext} context
 * @param {Probe} probe
 * @returns {Promise<ConformanceAnswer[]>}
 */
async function answersTo(context, { name, ask }) {
  const { observation, body = new Uint8Array() } = await observe(context, ask);
  return wasm.judgeConformance(name, observation, body);
}

/**
 * What a probe sees. Its failure is an observation too: the other questions are asked all the same.
 * @param {ProbeContext} context
 * @param {Ask} ask
 * @returns {Promise<Seen>}
 */
async function observe(context, ask) {
  try {
    return await /** @type {Prober} */ (PROBERS[ask.kind])(context, ask);
  } catch (thrown) {
    context.run.signal.throwIfAborted();
    const code = errorCode(toPetitError(thrown)) ?? 'internal';
    return { observation: { kind: 'failed', code } };
  }
}

/**
 * @param {{ name: string }[]} databases
 * @param {string} name
 */
function refuseExisting(databases, name) {
  if (databases.some((database) => database.name === name)) throw databaseExists(name);
}

/** @param {string} database */
const databaseExists = (database) =>
  new PetitError('not_allowed', `database ${JSON.stringify(database)} exists already`, {
    database,
    hint: 'Choose the name of a database that does not exist: petit creates it, and deletes it afterwards.',
  });

/**
 * Runs `work` with a database that is created for it, and deletes the database, also after a failure or an abort.
 * @param {ProbeContext} context
 * @param {string} database
 * @param {() => Promise<void>} work
 */
async function inNewDatabase({ run, td }, database, work) {
  try {
    // Once: a conflict after a repeat would leave open whose the database is.
    await td.callOnce({ call: 'create_database', database }, run.calls);
  } catch (error) {
    throw errorCode(error) === 'conflict' ? databaseExists(database) : error;
  }
  try {
    await work();
  } finally {
    await callIdempotently(td, { call: 'delete_database', database }, cleanupCalls(run));
  }
}
