/** @import { Tone } from '../components/signs.jsx' */

/** How the plan's actions are shown. @type {Record<'create' | 'overwrite' | 'skip' | 'error',
 *   { word: string, tile: string, tone: Tone }>} */
export const ACTIONS = {
  create: { word: 'Create', tile: 'To create', tone: 'good' },
  overwrite: { word: 'Overwrite', tile: 'To replace', tone: 'warn' },
  skip: { word: 'Skip', tile: 'Left as they are', tone: 'calm' },
  error: { word: 'Error', tile: 'In the way', tone: 'bad' },
};
