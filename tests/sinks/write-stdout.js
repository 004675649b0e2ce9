// Writes three bytes to standard output as an export does.
import { openDiskFile } from '../../pkg-scripts/sinks/disk/file.js';
import { closeAndCommit, fill } from './conformance.js';

const sink = await openDiskFile('-', { overwrite: false });
await fill(sink, new TextEncoder().encode('abc'), 1);
await closeAndCommit(sink);
