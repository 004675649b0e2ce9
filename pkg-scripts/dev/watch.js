// npm run dev: builds, starts the local Treasure Data and the page, and builds again when a source changes. Only Node's
// own modules may be imported here, because the set-up runs first.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.js';
import { setUp } from './setup.js';
import { formatDuration, ROOT, runScript, StepError } from './steps.js';

const SOURCES = ['src', 'pkg-scripts', 'www'];
/** Editors save a file in several steps: a build starts when nothing changed for this long, in milliseconds. */
const QUIET_MS = 200;
const PORTS = { us01: 8080, ap01: 8081, page: 8082 };
const EMULATOR = ['tests/emulator/cli.js', '--port', `us01=${PORTS.us01}`, '--port', `ap01=${PORTS.ap01}`];
const ENDPOINTS = [PORTS.us01, PORTS.ap01].flatMap((port) => ['--endpoint', `http://127.0.0.1:${port}`]);
const PAGE = ['pkg-scripts/cli.js', 'serve', '--no-open', '--port', String(PORTS.page), ...ENDPOINTS];

/** @param {string[]} args */
const start = (args) => spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });

/**
 * Calls `work` once for each group of changes, never twice at a time.
 * @param {() => Promise<void>} work
 */
function onChange(work) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let last = Promise.resolve();
  for (const folder of SOURCES) {
    watch(join(ROOT, folder), { recursive: true }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        last = last.then(work);
      }, QUIET_MS);
    });
  }
}

/** Builds and starts the page's server again, because it reads the page when it starts. */
async function rebuild() {
  const started = performance.now();
  try {
    await build({ emulator: true });
    page?.kill();
    page = start(PAGE);
    console.error(`dev: built in ${formatDuration(performance.now() - started)}; waits for changes`);
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    console.error(`dev: ${error.message}; waits for changes`);
  }
}

/** @type {import('node:child_process').ChildProcess | undefined} */
let page;

await runScript(async () => {
  await setUp({ forTests: false });
  await build({ emulator: true });
  const emulator = start(EMULATOR);
  page = start(PAGE);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
    process.once(signal, () => {
      emulator.kill();
      page?.kill();
      process.exit();
    });
  }
  onChange(rebuild);
});
