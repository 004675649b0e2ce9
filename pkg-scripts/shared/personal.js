/** @import { PersonalReport } from '../types.js' */

/** Why a table was not judged at all. */
export const UNKNOWN_COLUMNS = 'its columns are not known';

/**
 * Whether a run with `maskStrict` does not start.
 * @param {PersonalReport | undefined} personal
 * @param {boolean | undefined} maskStrict
 */
export const isRefused = (personal, maskStrict) =>
  maskStrict === true && personal !== undefined && personal.columns.length + personal.unread.length > 0;
