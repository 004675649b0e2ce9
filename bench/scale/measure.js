import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../../tests/emulator/index.js';
import { Td } from '../../tests/emulator/td.js';
import { measure } from '../support.js';

/** @import { Costs } from './model.js' */

const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const KEY = '1/a000000000000000000000000000000000000001';
const OTHER_KEY = '2/b000000000000000000000000000000000000001';
/** Rows of the small and the large table that the client copies. */
const [FEW, MANY] = [100_000, 2_000_000];
/** Rows of a job of the engine's clone that is cut. */
const SLICE_ROWS = 200_000;

/**
 * What petit itself costs: whole processes against the emulator on the same machine, whose queries run beforehand.
 * @returns {Promise<Costs>}
 */
export async function measureCosts() {
  const server = await startEmulator({ seed: seed() });
  try {
    const run = (/** @type {string} */ database, /** @type {string[]} */ ...args) =>
      clone(server, database, args);
    const few = await run('few', '--via', 'client');
    const many = await run('many', '--via', 'client');
    const least = await run('few', '--via', 'engine');
    const whole = await run('many', '--via', 'engine');
    const cut = await run('many', '--via', 'engine', '--split-rows', String(SLICE_ROWS));
    const rows = MANY - FEW;
    const perRow = (/** @type {'inBytes' | 'outBytes'} */ way) => Math.round((many[way] - few[way]) / rows);
    const clientRowsPerSecond = Math.round(rows / (many.seconds - few.seconds));
    const [cpu] = cpus();
    return {
      measuredAs: `On ${cpus().length} cores (${cpu?.model.trim()}), Node ${process.versions.node}, the server on the same machine`,
      clientRowsPerSecond,
      clientStartSeconds: rounded(few.seconds - FEW / clientRowsPerSecond),
      clientPeakBytes: many.peakBytes,
      bytesPerRow: perRow('outBytes'),
      uploadBytesPerRow: perRow('inBytes'),
      engineStartSeconds: rounded(least.seconds),
      enginePeakBytes: whole.peakBytes,
      engineBytes: whole.inBytes + whole.outBytes,
      engineBytesPerJob: Math.round(
        (cut.inBytes + cut.outBytes - whole.inBytes - whole.outBytes) / (cut.jobs - whole.jobs),
      ),
    };
  } finally {
    await server.close();
  }
}

/** @param {number} seconds */
const rounded = (seconds) => Math.max(0.1, Math.round(seconds * 10) / 10);

/**
 * Clones a database, looks at what passed, and takes the copy away again.
 * @param {Awaited<ReturnType<typeof startEmulator>>} server
 * @param {string} database
 * @param {string[]} args
 */
async function clone(server, database, args) {
  const isEngine = args.includes('engine');
  const [source, to] = [server.url('source'), isEngine ? server.url('source') : server.url('copy')];
  const keys = { SOURCE_API_KEY: KEY, DEST_API_KEY: isEngine ? KEY : OTHER_KEY };
  const columns = 'id, uuid, url, score, qty, country, device, event, campaign, tags, time';
  // The server keeps the result, so that its SQL is not what is measured.
  await new Td(source, KEY).query(
    database,
    `SELECT ${columns.replaceAll(/\w+/g, '"$&"')} FROM "${database}"."events"`,
  );
  server.clearRequests();
  const command = [
    join(CLI),
    'clone-db',
    database,
    '--new-db',
    'copied',
    '--se',
    source,
    '--de',
    to,
    ...args,
  ];
  const measured = await measure(process.execPath, command, keys);
  const requests = server.requests();
  const sum = (/** @type {'bytesIn' | 'bytesOut'} */ way) => requests.reduce((all, one) => all + one[way], 0);
  const [inBytes, outBytes] = [sum('bytesIn'), sum('bytesOut')];
  const jobs = requests.filter(({ path }) => path.includes('/job/issue/')).length;
  await new Td(to, keys.DEST_API_KEY).post('/v3/database/delete/copied');
  return { ...measured, inBytes, outBytes, jobs };
}

/** @returns {import('../../tests/emulator/seed.js').Seed} */
function seed() {
  const keys = (/** @type {string} */ key) => [
    { name: 'master', key, permission: /** @type {const} */ ('master') },
  ];
  const events = (/** @type {number} */ rows) => [{ name: 'events', generate: { recipe: 'events', rows } }];
  const databases = [
    { name: 'few', tables: events(FEW) },
    { name: 'many', tables: events(MANY) },
  ];
  return {
    accounts: [
      { name: 'source', id: 1, site: 'us01', keys: keys(KEY), databases },
      { name: 'copy', id: 2, site: 'ap01', keys: keys(OTHER_KEY) },
    ],
  };
}
