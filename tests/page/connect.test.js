import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readSeed } from '../support/index.js';
import { pageFixture } from './support.js';

const fixture = pageFixture(readSeed('clone-shop'), 'mirror', (emulator) => ({
  DEST_API_KEY: emulator.key('mirror'),
  PETIT_DEST_ENDPOINT: emulator.url('mirror'),
}));

describe('connecting', () => {
  test('shows the owner, the databases and the permissions of a key', async () => {
    const visitor = await fixture.open();
    const source = visitor.region('Source');
    assert.ok(await source.getByRole('button', { name: 'Connect' }).isDisabled(), 'there is no key yet');
    await visitor.connectAccount('Source', 'prod');
    await source.getByText(/account 21/).waitFor();
    await source.getByText('✓ Read tables').waitFor();
    const { databases } = fixture.env.seed.accounts[0] ?? {};
    for (const { name } of databases ?? []) await source.getByText(name, { exact: true }).waitFor();
    await visitor.assertClean();

    await source.getByLabel('API key').fill('21/other');
    await source.getByText('Not connected yet.').waitFor();
    await visitor.connectAccount('Source', 'prod', 'import_only');
    await source.getByText('✗ Read tables: no permission found').waitFor();
    await visitor.assertNoKey();
  });

  test('offers an account of the terminal, whose key stays in petit serve', async () => {
    const visitor = await fixture.open();
    const { page } = visitor;
    await visitor.connectAccount('Source', 'prod');
    const key = visitor.region('Source').getByLabel('API key');
    assert.equal(await key.getAttribute('type'), 'password');
    await visitor.button('Show key').click();
    assert.equal(await key.getAttribute('type'), 'text');
    const destination = visitor.region('Destination');
    await destination.getByText('The key stays in petit serve.').waitFor();
    await destination.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('Both accounts are connected.').waitFor();
    await visitor.plan('shop', { copy: 'by_terminal', existing: 'Skip them' });
    await visitor.waitForReadiness(/^Ready/);
    await visitor.button('Start the clone').click();
    await visitor.region('Outcome').getByRole('heading', { name: 'Complete' }).waitFor();
    await fixture.clones.assertEqual('shop', 'by_terminal');
    await visitor.assertClean();

    await visitor.button('Back to the plan').click();
    await page.reload();
    await page.getByRole('combobox', { name: 'Database to clone' }).waitFor({ state: 'detached' });
    await visitor.button('Connect').waitFor();
    assert.match(
      await page.evaluate(() => location.hash),
      /^#\/clone\?db=shop&copy=by_terminal&existing=skip$/,
    );
    await page.goBack();
    const site = visitor.region('Source').getByLabel('Site');
    assert.equal(await site.inputValue(), fixture.emulator.url('prod'), 'the site is remembered');
    await visitor.connect();
    await page.goForward();
    await visitor.waitForReadiness(/conflict|nothing to copy/);
    assert.equal(await page.getByLabel('Name of the copy').inputValue(), 'by_terminal');
  });

  test('shows why a key is rejected', async () => {
    const visitor = await fixture.open();
    const source = visitor.region('Source');
    await source.getByLabel('Site').selectOption(fixture.emulator.url('prod'));
    await source.getByLabel('API key').fill('21/c0000');
    await source.getByRole('button', { name: 'Connect' }).click();
    await source.getByText(/Check the API key, and that the endpoint belongs to/).waitFor();
    await visitor.assertClean({ except: /status of 401/ });
  });

  test('uses one account as source and destination', async () => {
    const visitor = await fixture.open();
    await visitor.connectAccount('Source', 'prod');
    await visitor.button('Same account as the source').click();
    await visitor.page.getByText('Both accounts are connected.').waitFor();
    await visitor.plan('shop');
    await visitor.page.getByText(/are the same database "shop" of the same account/).waitFor();
    await visitor.page.getByLabel('Name of the copy').fill('shop_again');
    await visitor.waitForReadiness(/^Ready/);
    await visitor.assertClean();
  });

  test('works with the keyboard only, up to the end of a clone', async () => {
    const visitor = await fixture.open();
    const { keyboard } = visitor.page;
    const { emulator, destination } = fixture;
    await visitor.region('Source').getByLabel('Site').focus();
    for (const account of ['prod', destination]) {
      await keyboard.type(emulator.url(account));
      await keyboard.press('Tab');
      await keyboard.type(emulator.key(account));
      await keyboard.press('Enter');
      const side = visitor.region(account === 'prod' ? 'Source' : 'Destination');
      await side.getByText(/^\d+ databases?$|^No databases/).waitFor();
      await visitor.region('Destination').getByLabel('Site').focus();
    }
    await visitor.page.getByRole('tab', { name: 'Connect' }).focus();
    await keyboard.press('ArrowRight');
    await visitor.page.getByRole('combobox', { name: 'Database to clone' }).waitFor();
    // Past “Help”.
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    await keyboard.type('shop');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    await keyboard.press('Enter');
    await keyboard.press('Tab');
    await keyboard.type('by_keyboard');
    await visitor.waitForReadiness(/^Ready/);
    await visitor.button('Start the clone').focus();
    await keyboard.press('Enter');
    await visitor.region('Outcome').getByRole('heading', { name: 'Complete' }).waitFor();
    await fixture.clones.assertEqual('shop', 'by_keyboard');
    await visitor.assertClean();
  });

  test('explains that petit serve does not allow an endpoint', async () => {
    const visitor = await fixture.open();
    const source = visitor.region('Source');
    await source.getByLabel('Site').selectOption('custom');
    await source.getByLabel('Endpoint').fill('https://elsewhere.example');
    await source.getByLabel('API key').fill('1/00');
    await source.getByRole('button', { name: 'Connect' }).click();
    await source
      .getByText(/petit serve/)
      .first()
      .waitFor();
    await source
      .getByText(/--endpoint/)
      .first()
      .waitFor();
    await visitor.assertClean({ except: /status of 403/ });
  });

  test('explains that petit serve has stopped', async () => {
    const visitor = await fixture.open();
    await visitor.connectAccount('Source', 'prod');
    await visitor
      .region('Source')
      .getByText(/account 21/)
      .waitFor();
    await fixture.stopServe();
    await visitor.button('Check again').click();
    await visitor
      .region('Source')
      .getByText(/petit serve does not respond/)
      .waitFor();
    await visitor
      .region('Source')
      .getByText(/Start "petit serve" again/)
      .waitFor();
    await visitor.assertNoKey();
  });
});
