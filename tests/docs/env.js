import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '../emulator/index.js';
import { KeyWatch } from '../support/secrets.js';
import { makeCertificates, startProxy, startTls } from '../support/tls.js';
import { ROOT } from './blocks.js';
import { docsSeed } from './seed.js';

/** TD's hosts as the documents name them, and whose account is there. */
const HOSTS = { 'treasuredata.com': 'prod', 'treasuredata.co.jp': 'backup' };
/** What may be called beside petit. */
const TOOLS = ['npm', 'npx', 'serve', 'xdg-open'];
const script = (/** @type {string} */ name) => fileURLToPath(new URL(`./${name}`, import.meta.url));

/**
 * A reader's computer: a shell that knows `petit`, `npx` and `npm`, Node that finds 'petit-td', Python with readers of Parquet, and
 * TD's own hosts, which are the emulator's behind a proxy.
 */
export class Here {
  /** @type {(() => Promise<unknown>)[]} what ends it */
  #ends = [];
  folder = '';
  /** @type {Record<string, string>} */
  env = {};

  /** @param {Partial<import('../emulator/emulator.js').Settings> & { seed?: import('../emulator/seed.js').Seed }} [settings] */
  async start(settings) {
    this.folder = await mkdtemp(join(tmpdir(), 'petit-docs-'));
    this.#ends.push(() => rm(this.folder, { recursive: true, force: true }));
    const emulator = await startEmulator({ seed: docsSeed, ...settings });
    this.#ends.unshift(() => emulator.close());
    const certificates = join(this.folder, '.certificates');
    await mkdir(certificates);
    const hosts = Object.keys(HOSTS).flatMap((host) => [`api.${host}`, `api-workflow.${host}`]);
    const files = await makeCertificates(certificates, hosts);
    /** @type {Record<string, number>} */
    const ports = {};
    for (const [host, account] of Object.entries(HOSTS)) {
      emulator.emulator.otherHosts.set(`api.${host}`, new URL(emulator.url(account)).host);
      const tls = await startTls(files, Number(new URL(emulator.url(account)).port));
      this.#ends.unshift(tls.close);
      ports[host] = tls.port;
    }
    const proxy = await startProxy((host) => ports[host.replace(/^[\w-]+\.|:443$/g, '')] ?? 0);
    this.#ends.unshift(proxy.close);
    const bin = await this.#makeBin();
    await mkdir(join(this.folder, 'node_modules'));
    await symlink(ROOT, join(this.folder, 'node_modules/petit-td'));
    // The folder of an earlier export: `petit cleanup` refuses a folder that does not exist.
    await mkdir(join(this.folder, 'dataset'));
    this.env = {
      PATH: [bin, join(ROOT, '.venv/bin'), dirname(process.execPath), '/usr/bin', '/bin'].join(':'),
      HOME: this.folder,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: files.ca,
      NODE_V8_COVERAGE: process.env.NODE_V8_COVERAGE ?? '',
      TD_API_KEY: emulator.key('prod'),
      SOURCE_API_KEY: emulator.key('prod'),
      DEST_API_KEY: emulator.key('backup'),
    };
  }

  /** The commands of this project, as npm would put them there. */
  async #makeBin() {
    const bin = join(this.folder, '.bin');
    await mkdir(bin);
    const cli = join(ROOT, 'pkg-scripts/cli.js');
    const petit = `[ "$1" = serve ] && exec "${join(bin, 'serve')}" "$@"\nexec node "${cli}" "$@"`;
    /** @type {[string, string][]} */
    const commands = [['petit', petit]];
    for (const name of TOOLS) commands.push([name, `exec node "${script('tools.js')}" ${name} "$@"`]);
    for (const [name, lines] of commands) {
      await writeFile(join(bin, name), `#!/bin/sh\n${lines}\n`);
      await chmod(join(bin, name), 0o755);
    }
    return bin;
  }

  async close() {
    for (const end of this.#ends) await end();
  }

  /**
   * @param {string[]} command
   * @param {Record<string, string>} [env]
   * @returns {Promise<{ code: number | null, output: string }>} output: both streams
   */
  async run([program = '', ...args], env = {}) {
    const child = spawn(program, args, { cwd: this.folder, env: { ...this.env, ...env } });
    child.stdin.end();
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    KeyWatch.of(docsSeed, this.env).assertNoneIn(output, 'what an example shows');
    return { code, output };
  }

  /** @param {string} text @param {Record<string, string>} [env] */
  shell(text, env) {
    return this.run(['bash', '--norc', '-euo', 'pipefail', '-c', text], env);
  }

  /** @param {string} text of a module */
  async node(text) {
    await writeFile(join(this.folder, 'example.mjs'), text);
    return this.run(['node', '--import', script('by-proxy.js'), 'example.mjs']);
  }

  /** @param {string} text */
  python(text) {
    return this.run(['python', '-W', 'error', '-c', text]);
  }

  /** @param {string} text statements for DuckDB */
  sql(text) {
    return this.python(`import duckdb\nduckdb.execute(${JSON.stringify(text)})`);
  }
}
