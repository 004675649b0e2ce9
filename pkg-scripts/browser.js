/** petit for pages and their workers. */
export * from './index.js';
export { relayOfPage } from './platform/relay.js';
export { openPrivateFolder } from './sinks/private-folder.js';
export { fileSink, folderSink, memorySink, placesForFiles } from './sinks/sinks.js';
