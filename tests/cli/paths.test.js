import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { exportTable, PetitError } from '../../pkg-scripts/node.js';
import { Clones } from '../support/clone.js';
import { readSeed, setUpEnv } from '../support/index.js';

/** What petit does with the paths, the standard streams and the signals that it is given. */
const env = setUpEnv(readSeed('clone-shop'), 'prod');
const clones = new Clones(env, 'prod', 'mirror');
const CLI = fileURLToPath(new URL('../../pkg-scripts/cli.js', import.meta.url));
const endless = { queued: 600_000, booting: 0, running: 0, final: 0 };

/**
 * Starts petit with streams of the test's choice.
 * @param {string[]} args
 * @param {import('node:child_process').StdioOptions} stdio
 * @param {{ command?: string[], variables?: Record<string, string> }} [options]
 */
function start(args, stdio, { command = [], variables = {} } = {}) {
  const [program = '', ...rest] = [...command, process.execPath, CLI, ...args];
  const { PATH, NODE_V8_COVERAGE = '' } = process.env;
  return spawn(program, rest, {
    cwd: env.folder,
    env: { PATH, NODE_V8_COVERAGE, HOME: env.folder, TD_API_KEY: env.account.apikey, ...variables },
    stdio,
  });
}

const exportOf = (/** @type {string[]} */ ...args) => [
  ...['td2parquet', 'shop', 'orders', '--endpoint', env.account.endpoint],
  ...args,
];

describe('a path is checked before the first request', () => {
  /** @type {[title: string, args: string[], message: RegExp][]} */
  const cases = [
    ['an address as output', ['--output', 's3://key:secret@bucket/x'], /no user, password or port/],
    ['an address as folder', ['-o', 'ftp://bucket'], /not to "ftp:\/\/…"/],
    ['an address of a query', ['--query-file', 'https://x/q.sql'], /--query-file takes a file/],
    ['a folder as output', ['--output', 'folder', '--overwrite'], /"folder" is a folder/],
    ['a file as folder', ['-o', 'file'], /a part of the path is a file, not a folder/],
    ['a file in the way of a folder', ['--output', 'file/x.parquet'], /a file, not a folder/],
    ['links in a loop', ['--output', 'loop'], /links form a loop/],
    ['a name that is too long', ['--output', 'a'.repeat(256)], /name is too long/],
    [
      'the query as output',
      ['--query-file', 'file', '--output', './file', '--overwrite'],
      /name the same file/,
    ],
  ];
  for (const [title, args, message] of cases) {
    it(title, async () => {
      await mkdir(env.path('folder'));
      await writeFile(env.path('file'), 'SELECT 1');
      await symlink('loop', env.path('loop'));
      const tables = args.includes('--query-file') ? [] : ['orders'];
      const { code, stderr } = await env.td2parquet(['shop', ...tables, ...args]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /secret|^ {4}at /m);
      assert.deepEqual(env.requests(), []);
      assert.equal(await readFile(env.path('file'), 'utf8'), 'SELECT 1');
    });
  }

  for (const args of [
    ['--output', 'there.parquet'],
    ['-o', 'there'],
    ['--output', 'parts', '--partition', 'day'],
  ]) {
    it(`an earlier export, which only --overwrite replaces: ${args.join(' ')}`, async () => {
      await mkdir(env.path('there'));
      await writeFile(env.path('there.parquet'), 'mine');
      await writeFile(env.path('there/shop_orders.parquet'), 'mine');
      await writeFile(env.path('parts.manifest.json'), '{"writer":"petit","files":[]}');
      const { code, stderr } = await env.td2parquet(['shop', 'orders', ...args]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, /already exists/);
      assert.deepEqual(env.requests(), []);
    });
  }

  it('and a dry run reports it as an error of the plan', async () => {
    await mkdir(env.path('folder'));
    const { code, stdout } = await env.td2parquet(['shop', 'orders', '--output', 'folder', '--dry-run']);
    assert.equal(code, 5);
    assert.match(stdout, /^ERROR: orders: "folder" is a folder/m);
  });

  for (const [report, message] of /** @type {const} */ ([
    ['folder', /--report: folder is a folder/],
    ['file/x', /--report: file\/x: .*a file, not a folder/],
    ['s3://bucket/x', /--report takes a file of this computer/],
  ])) {
    it(`--report ${report}`, async () => {
      await mkdir(env.path('folder'));
      await writeFile(env.path('file'), '');
      const { code, stderr } = await clones.run(['shop', '--report', report]);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
      assert.equal(stderr.match(/^Error/gm)?.length, 1);
      assert.deepEqual(env.requests(), []);
    });
  }

  it('also of the library', async () => {
    const failed = exportTable({
      account: env.account,
      database: 'shop',
      table: 'orders',
      to: 'ftp://bucket/x',
    });
    await assert.rejects(failed, (error) => error instanceof PetitError && error.code === 'invalid_option');
    assert.deepEqual(env.requests(), []);
  });
});

describe('a report that cannot be written', () => {
  it('does not hide the summary', async () => {
    const { code, stdout, stderr } = await clones.run([
      'shop',
      '--new-db',
      'copy_report',
      '--report',
      '/dev/full',
    ]);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /copied/);
    assert.match(stderr, /the report cannot be written: .*no space/);
  });
});

describe('--output -', () => {
  it('writes the file to standard output, and everything else to standard error', async () => {
    const child = start(exportOf('--output', '-'), ['ignore', 'pipe', 'pipe']);
    const chunks = [];
    let stderr = '';
    child.stderr?.on('data', (text) => {
      stderr += text;
    });
    for await (const chunk of child.stdout ?? []) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    assert.equal(bytes.subarray(0, 4).toString(), 'PAR1', stderr);
    assert.equal(bytes.subarray(-4).toString(), 'PAR1', stderr);
    assert.match(stderr, /1 of 1 exported/);
    assert.deepEqual(await env.files(), []);
  });

  it('is for one table, without --json, and not for partitions', async () => {
    for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
      [['shop', 'orders', '--json'], /both write to standard output/],
      [['shop'], /cannot go into one output file/],
      [['shop', 'orders', '--partition', 'day'], /cannot go to standard output/],
    ])) {
      const { code, stderr } = await env.td2parquet([...args, '--output', '-']);
      assert.equal(code, 1, stderr);
      assert.match(stderr, message);
    }
  });
});

describe('an output that cannot be written', () => {
  for (const [title, args] of /** @type {[string, () => string[]][]} */ ([
    ['the events of a run', () => exportOf('--json')],
    ['the summary of a run', () => exportOf()],
    ['the file itself', () => exportOf('--output', '-')],
    ['a help text', () => ['help', 'td2parquet']],
    ['the version', () => ['--version']],
  ])) {
    it(`ends the command with one sentence: ${title}`, async () => {
      const full = openSync('/dev/full', 'w');
      const child = start(args(), ['ignore', full, 'pipe']);
      closeSync(full);
      let stderr = '';
      child.stderr?.on('data', (text) => {
        stderr += text;
      });
      const [code] = await once(child, 'close');
      assert.equal(code, 1, stderr);
      assert.match(stderr, /standard output cannot be written: no space is left on the device/);
      assert.doesNotMatch(stderr, /^ {4}at |node:/m);
      assert.deepEqual(
        (await env.files()).filter((name) => name.includes('partial')),
        [],
      );
    });
  }
});

describe('SIGHUP', () => {
  it('stays ignored if petit was started by nohup', async () => {
    env.emulator.configure({ delays: endless });
    const variants = [
      start(exportOf('--output', 'a'), ['ignore', 'pipe', 'pipe'], { variables: { _: '/usr/bin/nohup' } }),
      start(exportOf('--output', 'b'), ['ignore', 'pipe', 'pipe'], {
        command: ['sh', '-c', 'trap "" HUP; "$@" & wait', 'sh'],
      }),
      start(exportOf('--output', 'c'), ['ignore', openSync(env.path('nohup.out'), 'w'), 'pipe'], {
        command: ['nohup'],
      }),
    ];
    while (env.requests().filter((request) => request.includes('/job/status/')).length < 3) await sleep(20);
    const started = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(CLI) && line.includes(env.account.endpoint) && !line.includes('sh -c'))
      .map((line) => Number.parseInt(line, 10));
    assert.equal(started.length, 3);
    for (const pid of started) process.kill(pid, 'SIGHUP');
    env.emulator.configure({ delays: { queued: 0, booting: 0, running: 0, final: 0 } });
    await sleep(300);
    for (const pid of started) process.kill(pid, 0);
    for (const pid of started) process.kill(pid, 'SIGTERM');
    await Promise.all(variants.map((child) => once(child, 'close')));
  });
});
