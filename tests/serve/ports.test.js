import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { stateFile } from '../../pkg-scripts/cli/config/state-file.js';
import { portNotes, portsToTry, readPorts, withPort, writePorts } from '../../pkg-scripts/serve/ports.js';
import { startPage } from '../../pkg-scripts/serve/serve.js';

/** The port of the page is that of the last run, because a browser stores files per port. */

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'petit-ports-'));
});
after(() => rm(folder, { recursive: true, force: true }));

/** Occupies a port. @param {import('node:test').TestContext} test @param {number} port */
async function occupy(test, port) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  test.after(() => server.close());
}

describe('the ports of petit serve', () => {
  it('are the remembered ones, then random ones, then any free one', () => {
    const ports = portsToTry([8080, 9090], () => 0.5);
    assert.deepEqual(ports, [8080, 9090, 26_000, 26_000, 26_000, 26_000, 0]);
    for (const random of [0, 0.999_999]) {
      for (const port of portsToTry([], () => random).slice(0, -1))
        assert.ok(port >= 20_000 && port < 32_000);
    }
  });

  it('are remembered in the order of their first use, a few of them', () => {
    assert.deepEqual(withPort([], 1111), [1111]);
    assert.deepEqual(withPort([1111], 2222), [1111, 2222]);
    assert.deepEqual(withPort([1111, 2222], 2222), [1111, 2222]);
    assert.deepEqual(withPort([1, 2, 3, 4], 5), [1, 2, 3, 4]);
  });

  it('are explained if the first one is in use', () => {
    assert.deepEqual(portNotes([], 5000), []);
    assert.deepEqual(portNotes([5000], 5000), []);
    assert.match(portNotes([5000, 6000], 6000).join(), /Port 5000 is in use, so the page is at port 6000/);
  });

  it('are read from a file of any contents', async () => {
    const file = join(folder, 'contents.json');
    assert.deepEqual(await readPorts(file), []);
    for (const text of ['', '{', 'null', '[]', '{"ports":5}', '{"ports":["5000",80,70000,5000.5,null,{}]}']) {
      await writeFile(file, text);
      assert.deepEqual(await readPorts(file), [], text);
    }
    await writeFile(file, '{"ports":[5000,6000,7000,8000,9000]}');
    assert.deepEqual(await readPorts(file), [5000, 6000, 7000, 8000]);
  });

  it('are stored in a file that replaces a link and leaves its target alone', async () => {
    const [file, target] = [join(folder, 'new', 'ports.json'), join(folder, 'target')];
    await writePorts(file, [5000]);
    assert.deepEqual(await readPorts(file), [5000]);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    await writeFile(target, 'kept');
    await rm(file);
    await symlink(target, file);
    await writePorts(file, [6000]);
    assert.equal(await readFile(target, 'utf8'), 'kept');
    assert.deepEqual(await readPorts(file), [6000]);
  });

  it('stay the same from run to run; while one is in use, another one is used and remembered', async (test) => {
    const portFile = join(folder, 'ports.json');
    const first = await startPage({ portFile });
    const second = await startPage({ portFile });
    assert.notEqual(second.port, first.port);
    assert.match(second.notes.join(), new RegExp(`Port ${first.port} is in use`));
    await Promise.all([first.close(), second.close()]);

    const again = await startPage({ portFile });
    assert.deepEqual([again.port, again.notes], [first.port, []]);
    await again.close();

    await occupy(test, first.port);
    const fallback = await startPage({ portFile });
    assert.equal(fallback.port, second.port);
    await fallback.close();
    assert.deepEqual(await readPorts(portFile), [first.port, second.port]);
  });

  it('that the user names are used alone, and are not remembered', async (test) => {
    const portFile = join(folder, 'named.json');
    const server = await startPage({ port: 0, portFile });
    await server.close();
    assert.deepEqual(await readPorts(portFile), []);
    await occupy(test, server.port);
    await assert.rejects(startPage({ port: server.port, portFile }), { code: 'port_unavailable' });
  });

  it('are used also if they cannot be remembered, which is noted', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o400);
    const server = await startPage({ portFile: join(file, 'ports.json') });
    await server.close();
    assert.match(server.notes.join(), /could not be remembered for the next start: /);
  });
});

describe('a file that petit keeps between runs', () => {
  const home = () => '/home/me';
  const noHome = () => {
    throw new Error('no home');
  };

  it('is where the system expects it', () => {
    const path = (/** @type {NodeJS.Platform} */ platform, env = {}) =>
      stateFile('x', { env, platform }, home);
    assert.equal(path('linux'), '/home/me/.local/state/petit/x');
    assert.equal(path('linux', { XDG_STATE_HOME: '/state' }), '/state/petit/x');
    assert.equal(path('linux', { XDG_STATE_HOME: 'relative' }), '/home/me/.local/state/petit/x');
    assert.equal(path('darwin'), '/home/me/Library/Application Support/petit/x');
    assert.equal(path('win32', { LOCALAPPDATA: 'C:\\Local' }), 'C:\\Local\\petit\\x');
  });

  it('is nowhere for a user without a home folder', () => {
    assert.equal(stateFile('x', { env: {}, platform: 'linux' }, noHome), undefined);
    assert.equal(stateFile('x', { env: { XDG_STATE_HOME: '/s' }, platform: 'linux' }, noHome), '/s/petit/x');
  });
});
