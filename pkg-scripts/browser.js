export * from './index.js';
export { relayOfPage } from './platform/relay.js';
export { openPrivateFolder } from './sinks/private-folder.js';
export { fileSink, findSaveTargets, folderSink, memorySink } from './sinks/sinks.js';
