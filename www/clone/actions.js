/** @import { Tone } from '../components/badge.jsx' */

/** How the plan's actions are shown. @type {Record<'create' | 'overwrite' | 'skip' | 'error',
 *   { label: string, tileTitle: string, tone: Tone }>} */
export const ACTIONS = {
  create: { label: 'Create', tileTitle: 'To create', tone: 'good' },
  overwrite: { label: 'Overwrite', tileTitle: 'To overwrite', tone: 'warn' },
  skip: { label: 'Skip', tileTitle: 'To skip', tone: 'neutral' },
  error: { label: 'Conflict', tileTitle: 'Conflicts', tone: 'bad' },
};

/** How a table that is not cloned is shown. @type {{ label: string, tone: Tone }} */
export const NOT_CHOSEN = { label: 'Not chosen', tone: 'neutral' };
