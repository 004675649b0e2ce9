import { answers, connections } from './cases/answers.js';
import { bodies } from './cases/bodies.js';
import { counts, lost, tables } from './cases/changes.js';
import { engines, slices } from './cases/slices.js';
import { jobs, keys, loading } from './cases/work.js';

/** @import { Case, Command } from './cases/words.js' */

/** The columns of docs/fault-tolerance.md. @type {Command[]} */
export const COMMANDS = ['td2parquet', 'create', 'overwrite', 'slices', 'insert', 'output'];

/**
 * What can go wrong, by what it is about, and how each command shall end: the rows of docs/fault-tolerance.md. Nothing here runs;
 * see matrix.js for that.
 * @type {Record<string, Case[]>}
 */
export const CASES = {
  'Answers that are errors': answers,
  'Connections that fail': connections,
  'Results that come badly': bodies,
  'Keys that are revoked': keys,
  'Jobs that do not end well': jobs,
  'Tables that are cut into slices': slices,
  'Jobs of the engine that write': engines,
  'Imports that do not end well': loading,
  'Work that is done although the answer is lost': lost,
  'Tables that come and go': tables,
  'Counts that lag': counts,
};
