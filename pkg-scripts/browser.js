import { browserPlatform } from './browser-platform.js';
import { makeLibrary } from './library.js';

export { configure } from './browser-platform.js';
export { PetitError } from './driver/errors.js';
export { relayOfPage } from './relay-of-page.js';
export { openPrivateFolder } from './sinks/private-folder.js';
export { fileSink, folderSink, memorySink, placesForFiles } from './sinks/sinks.js';

/** petit for pages and their workers: see library.js. */
export const { checkAccount, cloneDatabase, exportTables, listTables, planClone, planExport, surveyClone } =
  makeLibrary(browserPlatform);
