import { makeLibrary } from './library.js';
import { nodePlatform } from './node-platform.js';

export { PetitError } from './driver/errors.js';

/** petit for Node: see library.js. */
export const { checkAccount, cloneDatabase, exportTables, listTables, planClone, planExport, surveyClone } =
  makeLibrary(nodePlatform);
