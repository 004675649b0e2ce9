import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Details, detailText } from '../../pkg-scripts/cli/output/details.js';
import { LogFile, openLogFile } from '../../pkg-scripts/cli/output/log-file.js';
import { watchRequests } from '../../pkg-scripts/cli/output/requests.js';

const folder = mkdtempSync(join(tmpdir(), 'petit-log-'));
after(() => rmSync(folder, { recursive: true }));
const at = (/** @type {string} */ name) => join(folder, name);
const isPosix = process.platform !== 'win32';

describe('the detailed log', () => {
  const texts = (/** @type {any[]} */ ...events) => {
    const details = new Details();
    return events.flatMap((event) => details.of(event)).map(detailText);
  };

  it('has the decisions of a plan, without its SQL', () => {
    const copied = {
      table: 't',
      action: 'create',
      rows: 5n,
      bytes: 7n,
      via: 'client',
      viaReason: 'two accounts',
    };
    const tables = [{ ...copied, copy: { sql: "SELECT 'secret'", sliceRows: 2n } }];
    assert.deepEqual(texts({ type: 'plan', command: 'clone-db', tables }), [
      't: decision action=create rows=5 bytes=7 via=client reason=two accounts jobs=3',
    ]);
    const tasks = [{ table: 't', rows: 5n, bytes: 7n, outputPath: 't.parquet', sql: "SELECT 'secret'" }];
    assert.deepEqual(texts({ type: 'plan', command: 'td2parquet', tasks }), [
      't: decision action=export rows=5 bytes=7 output=t.parquet jobs=1',
    ]);
  });

  it('has each phase once, and each wait', () => {
    const progress = { type: 'progress', table: 't', phase: 'query', job: '1' };
    const waiting = { ...progress, waiting: 'HTTP 500; next attempt in 1.0 s' };
    assert.deepEqual(texts(progress, progress, waiting, { ...progress, phase: 'download' }), [
      't: phase phase=query job=1',
      't: wait message=HTTP 500; next attempt in 1.0 s',
      't: phase phase=download job=1',
    ]);
  });

  it('has each request with its status and duration, without query and headers', async () => {
    const server = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const url = `http://127.0.0.1:${port}`;
    /** @type {any[]} */
    const requests = [];
    const stop = watchRequests((request) => requests.push(request));
    await fetch(`${url}/a/b?secret=1`, {
      method: 'PUT',
      headers: { Authorization: 'TD1 secret' },
      body: 'x',
    });
    server.close();
    server.closeAllConnections();
    await assert.rejects(fetch(`${url}/c?secret=1`));
    stop();
    assert.deepEqual(
      requests.map(({ method, url: shown, status }) => [method, shown, status]),
      [
        ['PUT', `${url}/a/b`, 204],
        ['GET', `${url}/c`, undefined],
      ],
    );
    assert.ok(requests.every(({ ms }) => Number.isInteger(ms)));
    assert.match(requests[1].error, /ECONNREFUSED|closed|reset/i);
    assert.doesNotMatch(JSON.stringify(requests), /secret/);
    assert.match(detailText(requests[0]), /^PUT http:\S+\/a\/b 204 in \d+ ms$/);
  });
});

describe('a log file', () => {
  const warnings = () => assert.fail('a warning');

  it('is private, and a second run appends to it', () => {
    const mode = () => statSync(at('new/log')).mode & 0o777;
    openLogFile(at('new/log'), warnings).append('1');
    if (isPosix) assert.equal(mode(), 0o600);
    chmodSync(at('new/log'), 0o644);
    openLogFile(at('new/log'), warnings).append('2');
    if (isPosix) assert.equal(mode(), 0o600);
    assert.equal(readFileSync(at('new/log'), 'utf8'), '1\n2\n');
  });

  it('is no link, no second name of a file, no pipe and no folder', {
    skip: !isPosix && 'POSIX only',
  }, () => {
    writeFileSync(at('victim'), 'old');
    symlinkSync(at('victim'), at('link'));
    symlinkSync(at('absent'), at('dangling'));
    linkSync(at('victim'), at('hard'));
    execFileSync('mkfifo', [at('pipe')]);
    for (const [name, reason] of /** @type {[string, RegExp][]} */ ([
      ['link', /it is a symbolic link, which petit does not follow$/],
      ['dangling', /it is a symbolic link/],
      ['hard', /it has several names \(hard links\)$/],
      ['pipe', /it is not a file$/],
      ['.', /EISDIR/],
    ])) {
      assert.throws(() => openLogFile(at(name), warnings), { code: 'cannot_write', message: reason });
    }
    assert.equal(readFileSync(at('victim'), 'utf8'), 'old');
  });

  it('on a full disk is one warning', () => {
    /** @type {string[]} */
    const warned = [];
    const log = new LogFile(
      1,
      (text) => warned.push(text),
      () => {
        throw Object.assign(new Error('x'), { code: 'ENOSPC' });
      },
    );
    log.append('1');
    log.append('2');
    assert.deepEqual(warned, [
      'Warning: the log file cannot be written: no space is left on the device. The run goes on without it.',
    ]);
  });
});
