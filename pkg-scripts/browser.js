export * from './index.js';
export { relayOfPage } from './platform/relay.js';
export { newPrivateFolderName, openPrivateFolder, removeAbandonedFolders } from './sinks/private-folder.js';
export { fileSink, findSaveTargets, folderSink, memorySink } from './sinks/sinks.js';
