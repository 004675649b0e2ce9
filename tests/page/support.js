import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withBrowser } from '../browser.js';
import { Clones } from '../clone-support.js';
import { startServe, staticHost } from '../serve-support.js';
import { surroundings } from '../support.js';

const PAGE = fileURLToPath(new URL('../../dist/www', import.meta.url));

/** @import { Page } from 'playwright-core' */
/** @import { Seed, Surroundings } from '../support.js' */
/** @import { Browser } from '../browser.js' */

/** The page as `petit serve` serves it, in Chromium, and two accounts of the emulator to work with. */
class PageSurroundings {
  /** Origin of the page. */
  origin = '';

  /**
   * @param {Surroundings} here
   * @param {Browser} browser
   */
  constructor(here, browser) {
    this.here = here;
    this.browser = browser;
    this.clones = new Clones(here, 'prod', 'mirror');
  }

  get emulator() {
    return this.here.emulator;
  }

  /** Opens the page. */
  async open() {
    const { page, watch } = await this.browser.open(`${this.origin}/`);
    return new Visitor(this, page, watch);
  }
}

/** Somebody who uses the page. */
export class Visitor {
  /**
   * @param {PageSurroundings} place
   * @param {Page} page
   * @param {import('../browser.js').Watch} watch
   */
  constructor(place, page, watch) {
    this.place = place;
    this.page = page;
    this.watch = watch;
  }

  /** @param {string} name of a part of the page */
  part(name) {
    return this.page.getByRole('region', { name, exact: true });
  }

  /** @param {string | RegExp} name */
  button(name) {
    return this.page.getByRole('button', { name });
  }

  /** @param {string} name */
  tab(name) {
    return this.page.getByRole('tab', { name }).click();
  }

  /**
   * Fills in one side and asks who it is.
   * @param {'Source' | 'Destination'} side
   * @param {string} account
   * @param {string} [key] its name
   */
  async askFor(side, account, key) {
    const { emulator } = this.place;
    const part = this.part(side);
    const url = emulator.url(account);
    const isOffered = (await part.getByLabel('Site').locator(`option[value="${url}"]`).count()) > 0;
    await part.getByLabel('Site').selectOption(isOffered ? url : 'custom');
    if (!isOffered) await part.getByLabel('Endpoint').fill(url);
    await part.getByLabel('API key').fill(emulator.key(account, key));
    await part.getByRole('button', { name: 'Connect' }).click();
  }

  /** Connects both accounts. */
  async connect() {
    await this.askFor('Source', 'prod');
    await this.askFor('Destination', 'mirror');
    await this.page.getByText('Both accounts are connected.').waitFor();
  }

  /**
   * Plans a clone.
   * @param {string} database
   * @param {{ copy?: string, existing?: string }} [options]
   */
  async plan(database, { copy, existing } = {}) {
    await this.tab('Clone');
    const field = this.page.getByRole('combobox', { name: 'Database to clone' });
    await field.fill(database);
    await this.page.getByRole('option', { name: new RegExp(`^${database}\\b`) }).click();
    if (copy) await this.page.getByLabel('Name of the copy').fill(copy);
    if (existing) await this.page.getByText(existing, { exact: true }).click();
    await this.part('Plan').locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  }

  /** What the bar at the lower edge says. @param {string | RegExp} text */
  ready(text) {
    return this.page.locator('#readiness').filter({ hasText: text }).waitFor();
  }

  /** Tables that are listed, as lines of text.
   * @param {string} label of the list */
  async rows(label) {
    const rows = await this.page.getByRole('region', { name: label }).locator('tbody tr').all();
    return Promise.all(
      rows.map(async (row) => (await row.locator('td').allInnerTexts()).map((text) => text.trim())),
    );
  }

  /** No error, no violated policy, no request elsewhere, no key anywhere but in its field.
   * @param {{ except?: RegExp }} [options] problems that the test provokes */
  async assertClean(options) {
    this.watch.assertClean(this.place.origin, options);
    await this.assertNoKey();
  }

  async assertNoKey() {
    const keys = Object.values(this.place.emulator.keys).flatMap((of) => Object.values(of));
    const seen = await this.page.evaluate(() => ({
      html: document.documentElement.outerHTML,
      storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
      address: `${location.href} ${document.title} ${JSON.stringify(history.state)}`,
    }));
    const urls = this.watch.requests.join('\n');
    for (const key of keys) {
      for (const [where, text] of Object.entries({ ...seen, urls })) {
        assert.ok(
          !text.includes(key) && !text.includes(encodeURIComponent(key)),
          `an API key is in ${where}`,
        );
      }
    }
  }
}

/**
 * Has `petit serve`, Chromium and the emulator for the tests of the file that calls this.
 * @param {Seed} seed
 */
export function pageSurroundings(seed) {
  const here = surroundings(seed, 'prod');
  const place = new PageSurroundings(here, withBrowser());
  /** @type {Awaited<ReturnType<typeof startServe>>} */
  let server;
  before(async () => {
    await here.ready;
    here.folder = tmpdir();
    const endpoints = ['prod', 'mirror'].flatMap((name) => ['--endpoint', here.emulator.url(name)]);
    server = await startServe(here, endpoints);
    place.origin = server.origin;
  });
  after(() => server?.stop());
  return place;
}

/**
 * The same with a static host, which passes no calls on: the emulator has to allow the page's origin.
 * @param {Seed} seed
 */
export function staticSurroundings(seed) {
  const here = surroundings(seed, 'prod');
  const place = new PageSurroundings(here, withBrowser());
  /** @type {Awaited<ReturnType<typeof staticHost>>} */
  let host;
  before(async () => {
    host = await staticHost(PAGE);
    place.origin = host.origin;
  });
  after(() => host?.close());
  return place;
}
