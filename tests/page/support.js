import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { withBrowser } from '../support/browser.js';
import { Clones } from '../support/clone.js';
import { setUpEnv } from '../support/index.js';
import { startServe, staticHost } from '../support/serve.js';

const PAGE = fileURLToPath(new URL('../../dist/www', import.meta.url));

/** @import { Page } from 'playwright-core' */
/** @import { Seed, TestEnv } from '../support/index.js' */
/** @import { Browser } from '../support/browser.js' */

/** The page as `petit serve` serves it, in Chromium, and two accounts of the emulator to work with. */
class PageSurroundings {
  /** Origin of the page. */
  origin = '';
  /** @type {Promise<unknown> | undefined} */
  #witness;

  /**
   * @param {TestEnv} here
   * @param {Browser} browser
   * @param {string} destination account that is cloned into
   */
  constructor(here, browser, destination) {
    this.here = here;
    this.browser = browser;
    this.destination = destination;
    this.clones = new Clones(here, 'prod', destination);
  }

  /** Ends `petit serve`, while its page stays open. */
  endServe = async () => {};

  get emulator() {
    return this.here.emulator;
  }

  /** Opens the page. */
  async open() {
    this.#witness ??= this.browser.context.addInitScript(witness);
    await this.#witness;
    const { page, watch } = await this.browser.open(`${this.origin}/`);
    // A busy machine is slow, not wrong.
    page.setDefaultTimeout(120_000);
    return new Visitor(this, page, watch);
  }
}

/** What the page may jump in sum: see https://web.dev/articles/cls, where 0.1 is still called good. A failed run's outcome is
 * ten pixels taller than its progress was, which counts where the run took longer than half a second. */
const MOST_JUMPING = 0.05;

/** Runs in the page from its beginning, and notes what it should not do. */
function witness() {
  const witnessed = {
    jumps: /** @type {unknown[]} */ ([]),
    violations: /** @type {string[]} */ ([]),
  };
  Object.assign(window, { witnessed });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    witnessed.violations.push(`${violatedDirective}: ${blockedURI}`);
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput, sources } = /** @type {any} */ (entry);
      const moved = sources.map(
        (/** @type {any} */ { node, previousRect, currentRect }) =>
          `${node?.className ?? node?.nodeName}: ${previousRect.top} to ${currentRect.top}`,
      );
      if (!hadRecentInput) witnessed.jumps.push({ value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Somebody who uses the page. */
export class Visitor {
  /**
   * @param {PageSurroundings} place
   * @param {Page} page
   * @param {import('../support/browser.js').Watch} watch
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
    const site = part.getByLabel('Site');
    await site.waitFor();
    const isOffered = (await site.locator('option').allTextContents()).includes(url);
    await site.selectOption(isOffered ? url : 'custom');
    if (!isOffered) await part.getByLabel('Endpoint').fill(url);
    await part.getByLabel('API key').fill(emulator.key(account, key));
    await part.getByRole('button', { name: 'Connect' }).click();
  }

  /** Connects both accounts. */
  async connect() {
    await this.askFor('Source', 'prod');
    await this.askFor('Destination', this.place.destination);
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
    await this.assertSteady();
    await this.assertNoKey();
  }

  /** Nothing jumped, and nothing was kept from running by the page's policy. */
  async assertSteady() {
    const { jumps, violations } = await this.page.evaluate(() => /** @type {any} */ (window).witnessed);
    assert.deepEqual(violations, []);
    const sum = jumps.reduce((/** @type {number} */ total, /** @type {any} */ { value }) => total + value, 0);
    assert.ok(sum < MOST_JUMPING, `the layout jumped by ${sum}: ${JSON.stringify(jumps)}`);
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
 * @param {string} [destination] account that is cloned into
 */
export function pageSurroundings(seed, destination = 'mirror') {
  const here = setUpEnv(seed, 'prod');
  const place = new PageSurroundings(here, withBrowser(), destination);
  /** @type {Awaited<ReturnType<typeof startServe>>} */
  let server;
  let folder = '';
  before(async () => {
    await here.ready;
    folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
    here.folder = folder;
    const endpoints = ['prod', destination].flatMap((name) => ['--endpoint', here.emulator.url(name)]);
    server = await startServe(here, endpoints);
    place.origin = server.origin;
    place.endServe = async () => void (await server.stop());
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return place;
}

/**
 * The same with a static host, which passes no calls on: the emulator has to allow the page's origin.
 * @param {Seed} seed
 * @param {string} [destination]
 */
export function staticSurroundings(seed, destination = 'mirror') {
  const here = setUpEnv(seed, 'prod');
  const place = new PageSurroundings(here, withBrowser(), destination);
  /** @type {Awaited<ReturnType<typeof staticHost>>} */
  let host;
  before(async () => {
    host = await staticHost(PAGE);
    place.origin = host.origin;
  });
  after(() => host?.close());
  return place;
}
