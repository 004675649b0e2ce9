import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { startEmulator } from './index.js';
import { Td } from './td.js';

const readme = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/** The first block of a language that has this text. */
const block = (/** @type {string} */ language, /** @type {string} */ part) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))]
    .map(([, text = '']) => text)
    .find((text) => text.includes(part)) ?? '';

describe('the README of the emulator', () => {
  it('shows a seed, a fault and a setting that work', async () => {
    const emulator = await startEmulator({ seed: JSON.parse(block('json', '"accounts"')) });
    const url = emulator.url('mine');
    const td = new Td(url, emulator.key('mine'));
    const send = (/** @type {string} */ path) => {
      const [, body = ''] = /-d '(.*)'/.exec(block('sh', path)) ?? [];
      return fetch(`${url}${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
      });
    };
    try {
      const { tables } = (await td.get('/v3/table/list/web')).body;
      assert.deepEqual(
        tables.map((/** @type {any} */ { name, count }) => `${name} ${count}`),
        ['visits 1', 'events 100000'],
      );
      assert.equal((await send('/__emulator/faults')).status, 200);
      const { job_id: id } = await td.query('web', 'SELECT path FROM visits');
      const download = async () => (await td.get(`/v3/job/result/${id}?format=msgpack.gz`)).status;
      assert.deepEqual([await download(), await download(), await download()], [503, 503, 200]);
      assert.equal((await (await send('/__emulator/settings')).json()).countLagMs, 5000);
    } finally {
      await emulator.close();
    }
  });

  it('lists every setting with its default', async () => {
    const emulator = await startEmulator({ seed: { accounts: [] } });
    const rows = readme.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| (.*?) \| /gm);
    const listed = new Map(
      [...rows].flatMap(([, names = '', values = '']) =>
        names
          .split(', ')
          .map((name, index) => [name.replaceAll('`', ''), values.split(', ')[index] ?? values]),
      ),
    );
    for (const [name, value] of Object.entries(emulator.emulator.settings)) {
      const shown = name === 'delays' ? '0 each' : String(value);
      assert.equal(listed.get(name)?.replaceAll('`', ''), shown, name);
    }
    await emulator.close();
  });
});
