// In a hidden frame of the page, at a port that an earlier run of `petit serve` has used: removes what the pages of that run
// have left in the browser. Only a document of that port can.
import { removeAbandonedFolders } from '../pkg-scripts/sinks/private-folder.js';

await removeAbandonedFolders();
await fetch('./done', { method: 'POST' });
