#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { startEmulator } from './index.js';

/** Starts the emulator and prints its URLs and keys. */

const toNumber = (/** @type {string} */ text) => Number(text);

const program = new Command('td-emulator')
  .description('Local Treasure Data for demos, tests and offline work')
  .option('--seed <file>', 'accounts and data (default: the sample seed.json)')
  .option('--port <site=port...>', 'port of a site, such as us01=8080 (default: a free port)')
  .option('--data-dir <folder>', 'folder for tables and results (default: a temporary folder)')
  .option(
    '--job-delay <ms>',
    'milliseconds that a job waits in the states queued, booting and running, a third each',
    toNumber,
    0,
  )
  .option('--count-lag <ms>', 'milliseconds for which table lists show old counts', toNumber, 0)
  .option('--faults <file>', 'JSON file with rules for injected faults; see faults.js')
  .option('--cors', 'allow calls from browsers of any origin (CORS)', false)
  .option('--no-cache', 'run repeated queries again instead of caching their results')
  .option('--json', 'print the sites and keys as one line of JSON', false)
  .parse();

const options = program.opts();
const third = options.jobDelay / 3;
const emulator = await startEmulator({
  ...(options.seed && { seed: options.seed }),
  ...(options.faults && { faults: JSON.parse(await readFile(options.faults, 'utf8')) }),
  ...(options.dataDir && { dataDir: options.dataDir }),
  ports: Object.fromEntries(
    (options.port ?? []).map((/** @type {string} */ pair) => {
      const [site, port] = pair.split('=');
      return [site, Number(port)];
    }),
  ),
  delays: { queued: third, booting: third, running: third, final: 0 },
  countLagMs: options.countLag,
  cors: options.cors,
  cache: options.cache,
});

const accounts = emulator.emulator.accounts.map(({ name, site, keys }) => ({
  name,
  site,
  url: emulator.sites[site],
  keys: Object.fromEntries(keys.map((key) => [key.name, key.key])),
}));
if (options.json) {
  console.log(JSON.stringify({ sites: emulator.sites, accounts }));
} else {
  for (const { name, site, url, keys } of accounts) {
    console.log(`account ${name} on site ${site}: ${url}`);
    for (const [key, value] of Object.entries(keys)) console.log(`  ${key.padEnd(12)} ${value}`);
  }
  console.log('Press Ctrl-C to stop.');
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    await emulator.close();
    process.exit(0);
  });
}
