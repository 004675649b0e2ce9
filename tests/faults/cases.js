import { answers, connections } from './cases/answers.js';
import { bodies } from './cases/bodies.js';
import { counts, lost, tables } from './cases/changes.js';
import { engines, slices } from './cases/slices.js';
import { jobs, keys, loading } from './cases/work.js';

/** @import { Case, Command } from './cases/case-types.js' */

/** The columns of docs/fault-tolerance.md. @type {Command[]} */
export const COMMANDS = ['td2parquet', 'create', 'overwrite', 'slices', 'insert', 'output'];

/**
 * The faults by group, with the expected outcome of each command: the rows of docs/fault-tolerance.md. matrix.js runs them.
 * @type {Record<string, Case[]>}
 */
export const CASES = {
  'Error answers': answers,
  'Connection failures': connections,
  'Damaged or incomplete results': bodies,
  'Revoked keys': keys,
  'Failed, killed and queued jobs': jobs,
  'Tables that are split into slices': slices,
  'Engine jobs that write rows': engines,
  'Failed imports': loading,
  'Completed calls with lost answers': lost,
  'Tables that appear or disappear': tables,
  'Delayed counts': counts,
};
