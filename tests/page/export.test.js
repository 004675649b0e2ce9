import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { readSeed, tableOf } from '../support/index.js';
import { readParquet } from '../support/readers.js';
import { rowsOfSeed } from '../support/values.js';
import { pageFixture } from './support.js';

/** @import { Visitor } from './support.js' */

const EDGES = readSeed('edges');
const SHOP = readSeed('clone-shop');
const [edges] = EDGES.accounts.flatMap(({ databases = [] }) => databases);

/** The shop's accounts. The first one also has the database of edge values. */
const seed = {
  ...SHOP,
  accounts: SHOP.accounts.map((account) =>
    account.name === 'prod' && edges
      ? { ...account, databases: [...(account.databases ?? []), edges] }
      : account,
  ),
};
const fixture = pageFixture(seed);

/** The generated table `wide` has 200 rows, 20 a second from 1,700,000,000 on. */
const WIDE = { middle: 1_700_000_005, before: 100 };

/** A user who has connected the source and chosen a database. @param {string} database */
async function openExport(database) {
  const visitor = await fixture.open();
  await visitor.connectAccount('Source', 'prod');
  await visitor.button('Export tables').click();
  const { page } = visitor;
  await page.getByRole('combobox', { name: 'Database to export' }).fill(database);
  await page.getByRole('option', { name: new RegExp(`^${database}\\b`) }).click();
  await page.getByText('Downloads', { exact: true }).click();
  return visitor;
}

/** @param {Visitor} visitor @param {string} title */
const waitForOutcome = (visitor, title) =>
  visitor.region('Outcome').getByRole('heading', { name: title }).waitFor();

/** @param {Visitor} visitor @param {string[]} tables */
async function choose(visitor, ...tables) {
  for (const table of tables) await visitor.page.getByLabel(table, { exact: true }).check();
  await visitor.page
    .getByText(`Ready to export ${tables.length} ${tables.length === 1 ? 'file' : 'files'}.`)
    .waitFor();
}

/**
 * Starts the export and returns the first downloaded file.
 * @param {Visitor} visitor
 */
async function startAndDownload(visitor) {
  const downloading = visitor.page.waitForEvent('download');
  await visitor.button('Start the export').click();
  const download = await downloading;
  return { name: download.suggestedFilename(), path: await download.path() };
}

describe('an export in the page', () => {
  test('writes every type for pyarrow, and shows the contents of the file', async () => {
    const visitor = await openExport('edges');
    await choose(visitor, 'every_type');
    const { name, path } = await startAndDownload(visitor);
    await waitForOutcome(visitor, 'Complete');
    assert.equal(name, 'edges_every_type.parquet');
    const table = tableOf(EDGES, 'edges', 'every_type');
    const { rows } = await readParquet('pyarrow', path);
    assert.deepEqual(rows, rowsOfSeed(table));

    const schema = await visitor.rows('Columns');
    const named = new Map(schema.map(([column, ...types]) => [column, types]));
    for (const [column, type] of table.schema ?? []) assert.equal(named.get(String(column))?.[0], type);
    assert.equal(named.get('l')?.[1], 'Int64');
    const values = visitor.region('Values');
    await values.getByText('9007199254740993', { exact: true }).waitFor();
    await values.getByText('-9223372036854775808', { exact: true }).waitFor();
    await visitor.region('Size per column').getByRole('img').waitFor();
    assert.equal((await visitor.rows('Row groups of the file')).length, 1);
    await visitor.assertClean();
  });

  test('applies the time range in UTC, the compression and the row group size', async () => {
    const visitor = await openExport('edges');
    const { page } = visitor;
    await page.getByLabel('Until (UTC)').fill(new Date(WIDE.middle * 1000).toISOString().slice(0, 19));
    await page.getByText('UTC, exclusive').waitFor();
    await page.getByLabel('Compression').selectOption('snappy');
    await page.getByText('More options').click();
    await page.getByLabel('Rows per row group').fill('30');
    await choose(visitor, 'wide');
    const { path } = await startAndDownload(visitor);
    const { rows, rowGroups } = await readParquet('hyparquet', path);
    assert.equal(rows.length, WIDE.before);
    assert.deepEqual(rowGroups, [30, 30, 30, 10]);
    await page.getByText('snappy', { exact: true }).waitFor();
  });

  test('shows the first rows of a query and why it failed beside its editor, and exports its result', async () => {
    const visitor = await openExport('shop');
    const { page } = visitor;
    await page.getByText('Query result', { exact: true }).click();
    await page.getByLabel('File name').fill('sums');
    const editor = page.locator('.cm-content');
    const query = visitor.region('Query');
    const failure = query.getByRole('alert').getByText(/no_such/);
    await editor.fill('SELECT no_such FROM customers');
    await page.getByText('Ready to export 1 file.').waitFor();
    for (const start of ['First 100 rows', 'Start the export']) {
      await visitor.button(start).click();
      await failure.waitFor();
      assert.equal(await page.getByText(/no_such.*not/).count(), 1, 'shown once');
      assert.equal(await editor.innerText(), 'SELECT no_such FROM customers');
      await page.locator('.cm-focused').waitFor();
      await visitor.assertClean();
    }

    await page.keyboard.press('End');
    await page.keyboard.type(' JOIN ord');
    await page.getByRole('option', { name: 'orders' }).waitFor();
    await editor.fill('SELECT 9007199254740993 AS big, 1.5e0 AS half -- the end\n;');
    await page.keyboard.press('Control+Enter');
    await query.getByText('First 1 row', { exact: true }).waitFor();
    await visitor.region('Values').getByText('9007199254740993', { exact: true }).waitFor();
    await failure.waitFor({ state: 'detached' });
    await editor.fill('SELECT 9007199254740993 AS big, 1.5e0 AS half');
    await query.getByText(/has changed since/).waitFor();
    const { name, path } = await startAndDownload(visitor);
    assert.equal(name, 'sums.parquet');
    assert.deepEqual((await readParquet('pyarrow', path)).rows, [
      ['i:9007199254740993', 'f:3ff8000000000000'],
    ]);
  });

  test('has a plain field for the query if its editor cannot be loaded', async () => {
    const visitor = await openExport('shop');
    const { page } = visitor;
    await page.route('**/sql-editor-*.js', (route) => route.abort());
    await page.getByText('Query result', { exact: true }).click();
    await page.getByLabel('SQL', { exact: true }).fill('SELECT 7 AS seven');
    await visitor.button('First 100 rows').click();
    await visitor.region('Values').getByText('7', { exact: true }).waitFor();
    await visitor.assertClean({ except: /sql-editor|SQL editor/ });
  });

  test('writes files into a picked folder, and overwrites them only on request', async () => {
    const visitor = await openExport('edges');
    const { page } = visitor;
    // Tests cannot use the browser's dialog. It returns the same kind of handle.
    await page.evaluate(() => {
      Object.assign(window, {
        showDirectoryPicker: async () => {
          const root = await navigator.storage.getDirectory();
          const folder = await root.getDirectoryHandle('picked', { create: true });
          await folder.getFileHandle('edges_empty.parquet', { create: true });
          return folder;
        },
      });
    });
    await page.getByText('A file or folder I choose', { exact: true }).click();
    await choose(visitor, 'every_type', 'empty', 'only_time');
    await visitor.button('Start the export').click();
    await waitForOutcome(visitor, '1 table failed');
    await page
      .getByText(/edges_empty\.parquet already exists in picked/)
      .first()
      .waitFor();
    const written = () =>
      page.evaluate(async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle('picked');
        /** @type {Record<string, number>} */
        const sizes = {};
        for await (const [name, handle] of /** @type {any} */ (folder).entries()) {
          sizes[name] = (await handle.getFile()).size;
        }
        return sizes;
      });
    const first = await written();
    assert.deepEqual(Object.keys(first).sort(), [
      'edges_empty.parquet',
      'edges_every_type.parquet',
      'edges_only_time.parquet',
    ]);
    assert.equal(first['edges_empty.parquet'], 0, 'untouched');

    await visitor.button('Back to the plan').click();
    await page.getByText('More options').click();
    await page.getByLabel('Overwrite existing files in the folder').check();
    await visitor.button('Start the export').click();
    await waitForOutcome(visitor, 'Complete');
    assert.ok(Number((await written())['edges_empty.parquet']) > 0);
    await visitor.button('View contents').first().click();
    await visitor.region('File contents').waitFor();
    await visitor.assertClean();
  });

  test('stops on request and deletes unfinished files', async () => {
    const visitor = await openExport('edges');
    fixture.emulator.faults.add({ path: '/v3/job/result', action: { type: 'delay', ms: 20_000 } });
    await choose(visitor, 'every_type');
    await visitor.button('Start the export').click();
    await visitor.page
      .getByText(/^exporting/)
      .first()
      .waitFor();
    await visitor.button('Cancel').click();
    await waitForOutcome(visitor, 'Stopped');
    const files = await visitor.page.evaluate(async () => {
      const names = [];
      const root = /** @type {any} */ (await navigator.storage.getDirectory());
      for await (const [name, folder] of root.entries()) {
        if (!name.startsWith('petit-')) continue;
        for await (const file of folder.keys()) names.push(file);
      }
      return names;
    });
    assert.deepEqual(files, []);
    await visitor.page.reload();
    await visitor.page
      .getByRole('heading', { name: 'The export of edges had ended before the page was reloaded' })
      .waitFor();
  });
});

describe('a Parquet file dropped on the page', () => {
  test('is shown without an account; other files are rejected', async () => {
    const visitor = await fixture.open();
    await visitor.tab('Export');
    const { page } = visitor;
    await page.locator('input[type=file]').setInputFiles({
      name: 'cut.parquet',
      mimeType: '',
      buffer: Buffer.from('PAR1, and then nothing'),
    });
    await page.getByRole('heading', { name: /cut\.parquet: cannot read the file as Parquet/ }).waitFor();

    const bytes = await readFile(new URL('../fixtures/other.parquet', import.meta.url));
    await page.evaluate((base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'other.parquet'));
      const zone = document.querySelector('.drop-zone');
      zone?.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes.toString('base64'));
    await visitor.region('File contents').getByRole('heading', { name: 'other.parquet' }).waitFor();
    const schema = await visitor.rows('Columns');
    assert.deepEqual(
      schema.map(([name, td, type]) => [name, td, type]),
      [
        ['id', '–', 'INT64'],
        ['price', '–', 'DECIMAL'],
        ['at', '–', 'TIMESTAMP'],
      ],
    );
    const values = visitor.region('Values');
    for (const text of ['9007199254740993', '12345678901234567890.12', '2026-01-02 03:04:05.678901']) {
      await values.getByText(text, { exact: true }).waitFor();
    }
    await visitor.assertClean();
  });
});
