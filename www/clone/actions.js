/** @import { Tone } from '../components/badge.jsx' */

/** @import { Action } from '../../pkg-scripts/types.js' */

/** How the plan's actions are shown. Those of an update are shown only in its plan.
 * @type {Record<Action, { label: string, tileTitle: string, tone: Tone, isUpdate?: boolean }>} */
export const ACTIONS = {
  create: { label: 'Create', tileTitle: 'To create', tone: 'good' },
  overwrite: { label: 'Overwrite', tileTitle: 'To overwrite', tone: 'warn' },
  append: { label: 'Append', tileTitle: 'To append to', tone: 'good', isUpdate: true },
  rebuild: { label: 'Rebuild', tileTitle: 'To rebuild', tone: 'warn', isUpdate: true },
  compare: { label: 'Compare', tileTitle: 'To compare', tone: 'neutral', isUpdate: true },
  skip: { label: 'Skip', tileTitle: 'To skip', tone: 'neutral' },
  error: { label: 'Conflict', tileTitle: 'Conflicts', tone: 'bad' },
};

/** How a table that is not cloned is shown. @type {{ label: string, tone: Tone }} */
export const NOT_CHOSEN = { label: 'Not chosen', tone: 'neutral' };
