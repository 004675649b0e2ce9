import { PetitError } from '../errors.js';
import { omitUndefined } from '../utils/omit-undefined.js';
import { codeOf } from './read.js';

/** @import { ProbeContext, Seen } from './index.js' */

/**
 * Renames tables, and reads their ids.
 * @param {ProbeContext} context whose database is made for the probes
 * @returns {Promise<Seen>}
 */
export async function probeRename({ run, td, database }) {
  const create = (/** @type {string} */ table) =>
    td.call({ call: 'create_table', database, table }, run.calls);
  const rename = (/** @type {string} */ table, /** @type {string} */ newName, overwrite = false) =>
    td.callOnce({ call: 'rename_table', database, table, newName, overwrite }, run.calls);
  const idOf = async (/** @type {string} */ table) => {
    const tables = (await td.listTables(database, run.calls)).toData();
    const id = tables.find(({ name }) => name === table)?.id;
    if (!id) throw new PetitError('unexpected_reply', 'the list of tables has no id of a table');
    return id;
  };
  await create('first');
  const id = await idOf('first');
  await rename('first', 'second');
  const renamed = await idOf('second');
  const again = await codeOf(rename('first', 'second'));
  const ontoItself = await codeOf(rename('second', 'second'));
  await create('third');
  const other = await idOf('third');
  await rename('third', 'second', true);
  const replaced = await idOf('second');
  return {
    observation: omitUndefined({ kind: 'rename', id, renamed, again, ontoItself, other, replaced }),
  };
}
