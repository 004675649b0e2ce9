import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from '../readers/install.js';
import { freePort } from './ports.js';
import { untilReady } from './until-ready.js';

/** Microsoft's emulator of Azure Blob Storage. It is 360 MB, so that only the exhaustive tests install it. */
const AZURITE = { name: 'azurite', registry: 'npm', packages: ['azurite@3.37.0'] };
/** The account and the key that every Azurite has (docs of Azurite, "Default Storage Account"). */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Azurite, with the container `bucket`. */
export async function startAzurite() {
  const folder = await install(/** @type {any} */ (AZURITE));
  const data = await mkdtemp(join(tmpdir(), 'petit-azurite-'));
  const port = String(await freePort());
  const script = join(folder, 'node_modules/azurite/dist/src/blob/main.js');
  const args = [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    port,
    '--location',
    data,
    '--silent',
    '--inMemoryPersistence',
  ];
  args.splice(args.indexOf('--location'), 2);
  const server = spawn(process.execPath, [script, ...args, '--disableTelemetry'], {
    cwd: data,
    stdio: 'ignore',
  });
  const endpoint = `http://127.0.0.1:${port}/${ACCOUNT}`;
  await untilReady(endpoint);
  return {
    endpoint,
    env: { AZURE_STORAGE_ACCOUNT: ACCOUNT, AZURE_STORAGE_KEY: KEY, AZURE_STORAGE_ENDPOINT: endpoint },
    async close() {
      server.kill();
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(data, { recursive: true, force: true });
    },
  };
}
