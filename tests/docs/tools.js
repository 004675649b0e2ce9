import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './blocks.js';

/** What the examples call beside petit itself: `tools.js NAME ARGUMENT...`. */

const CLI = join(ROOT, 'pkg-scripts/cli.js');
const [name = '', ...args] = process.argv.slice(2);

/** @type {Record<string, () => Promise<number> | number>} */
const TOOLS = {
  /** npx runs petit, by the name of the package or of the command. */
  npx() {
    const at = args.findIndex((argument) => !argument.startsWith('-'));
    if (!/^petit(-td)?$/.test(args[at] ?? '')) throw new Error(`npx ${args.join(' ')}: not petit`);
    return spawnSync('petit', args.slice(at + 1), { stdio: 'inherit' }).status ?? 1;
  },

  /** npm's scripts build and test petit, or take an hour: it is enough that they are there. */
  npm() {
    const [command = '', script = ''] = args;
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const exists = command === 'run' ? script in scripts : command === 'install' || command in scripts;
    if (!exists) throw new Error(`npm ${args.join(' ')}: there is no such script`);
    return 0;
  },

  /** petit serve, until its page was there once; at a free port, since others may have the example's. */
  async serve() {
    const port = args.indexOf('--port');
    if (port !== -1) args[port + 1] = '0';
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = await once(child.stdout.setEncoding('utf8'), 'data');
    const [url] = /http:\/\/127\.0\.0\.1:\d+\S*/.exec(text) ?? [];
    const page = await (await fetch(String(url))).text();
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    return page.includes('<!doctype html>') ? code : 1;
  },

  'xdg-open': () => 0,
};

process.exitCode = await TOOLS[name]?.();
