// Measures the start-up time of petit.
import { join } from 'node:path';
import { contest } from './contest.js';
import { CLI, ROOT } from './server.js';

/** Prints the milliseconds to compile and instantiate the wasm module, until after the first call. */
const READY = `
  import { instantiate, wasm } from '${join(ROOT, 'pkg-scripts/driver/wasm.js')}';
  import { platform } from '${join(ROOT, 'pkg-scripts/platform/node.js')}';
  const startMs = performance.now();
  await instantiate(await platform.loadWasm());
  wasm.pollDelayMs(0);
  console.log(performance.now() - startMs);
`;

/** @param {{ runs: number }} options */
export function startContest({ runs }) {
  return contest(
    [
      { name: '`node -e 0`, for comparison', command: [process.execPath, '-e', '0'] },
      { name: '`petit --version`', command: [process.execPath, CLI, '--version'] },
      { name: '`petit --help`', command: [process.execPath, CLI, '--help'] },
      {
        name: 'wasm module ready',
        command: [process.execPath, '--input-type=module', '-e', READY],
        after: async ({ output }) => ({ readyMs: Number.parseFloat(output) }),
      },
    ],
    { rows: 0, runs },
  );
}
