#!/usr/bin/env node
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { startEmulator } from './index.js';

/** Starts the emulator and prints where it is. */

const ms = (/** @type {string} */ text) => Number(text);

const program = new Command('td-emulator')
  .description('A local Treasure Data for demos, tests and offline work')
  .option('--seed <file>', 'accounts and data (default: the sample beside this program)')
  .option('--port <site=port...>', 'the port of a site, e.g. us01=8080; others get a free one')
  .option('--data-dir <folder>', 'where tables and results go (default: a temporary folder)')
  .option('--job-delay <ms>', 'milliseconds that a job is queued, booting and running beyond its work', ms, 0)
  .option('--count-lag <ms>', 'milliseconds that table lists show old counts', ms, 0)
  .option('--faults <file>', 'rules of what fails, as JSON: see faults.js')
  .option('--cors', 'let browsers of any origin call', false)
  .option('--no-cache', 'run a repeated query anew')
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
  console.log('Stop it with Ctrl-C.');
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, async () => {
    await emulator.close();
    process.exit(0);
  });
}
