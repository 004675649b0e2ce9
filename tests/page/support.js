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

/** The page in Chromium, and two accounts of the emulator. */
class PageFixture {
  /** The page's origin. */
  origin = '';
  /** The address that lets the browser in, until it is used; empty on a static host. */
  address = '';
  /** @type {Promise<unknown> | undefined} */
  #recorder;

  /**
   * @param {TestEnv} env
   * @param {Browser} browser
   * @param {string} destination name of the account that clones write to
   */
  constructor(env, browser, destination) {
    this.env = env;
    this.browser = browser;
    this.destination = destination;
    this.clones = new Clones(env, 'prod', destination);
  }

  /** Stops `petit serve`, while its page stays open. */
  stopServe = async () => {};

  get emulator() {
    return this.env.emulator;
  }

  /** Opens the page. */
  async open() {
    this.#recorder ??= this.browser.context.addInitScript(recordProblems);
    await this.#recorder;
    const { page, watch } = await this.#openPage();
    // Generous, because the machine may be busy.
    page.setDefaultTimeout(120_000);
    return new Visitor(this, page, watch);
  }

  /** The first page of the browser uses the address of `petit serve`; the others are let in by its cookie. */
  async #openPage() {
    const { address } = this;
    this.address = '';
    if (address) return this.browser.enter(address);
    return this.browser.open(`${this.origin}/`);
  }
}

/** The maximum sum of layout shifts; https://web.dev/articles/cls calls 0.1 good. The outcome of a failed run is ten pixels
 * taller than its progress, which counts if the run took longer than half a second. */
const MAX_LAYOUT_SHIFT = 0.05;

/** Runs in the page before its scripts. Records layout shifts and violations of the Content-Security-Policy. */
function recordProblems() {
  const recorded = {
    shifts: /** @type {unknown[]} */ ([]),
    violations: /** @type {string[]} */ ([]),
  };
  Object.assign(window, { recorded });
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
    recorded.violations.push(`${violatedDirective}: ${blockedURI}`);
  });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { value, hadRecentInput, sources } = /** @type {any} */ (entry);
      const moved = sources.map(
        (/** @type {any} */ { node, previousRect, currentRect }) =>
          `${node?.className ?? node?.nodeName}: ${previousRect.top} to ${currentRect.top}`,
      );
      if (!hadRecentInput) recorded.shifts.push({ value, moved });
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** A user of the page. */
export class Visitor {
  /**
   * @param {PageFixture} fixture
   * @param {Page} page
   * @param {import('../support/browser.js').Watch} watch
   */
  constructor(fixture, page, watch) {
    this.fixture = fixture;
    this.page = page;
    this.watch = watch;
  }

  /** @param {string} name of a region of the page */
  region(name) {
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
   * Fills in one account and connects it.
   * @param {'Source' | 'Destination'} side
   * @param {string} account
   * @param {string} [key] name of the key
   */
  async connectAccount(side, account, key) {
    const { emulator } = this.fixture;
    const region = this.region(side);
    const url = emulator.url(account);
    const site = region.getByLabel('Site');
    await site.waitFor();
    const isOffered = (await site.locator('option').allTextContents()).includes(url);
    await site.selectOption(isOffered ? url : 'custom');
    if (!isOffered) await region.getByLabel('Endpoint').fill(url);
    await region.getByLabel('API key').fill(emulator.key(account, key));
    await region.getByRole('button', { name: 'Connect' }).click();
  }

  /** Connects both accounts. */
  async connect() {
    await this.connectAccount('Source', 'prod');
    await this.connectAccount('Destination', this.fixture.destination);
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
    await this.region('Plan').locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  }

  /** Waits for a text in the action bar. @param {string | RegExp} text */
  waitForReadiness(text) {
    return this.page.locator('#readiness').filter({ hasText: text }).waitFor();
  }

  /** The cells of a table's rows, as text.
   * @param {string} label of the table */
  async rows(label) {
    const rows = await this.page.getByRole('region', { name: label }).locator('tbody tr').all();
    return Promise.all(
      rows.map(async (row) => (await row.locator('td').allInnerTexts()).map((text) => text.trim())),
    );
  }

  /** Asserts no error, no policy violation, no request to another host, no layout shift, and no key outside its field.
   * @param {{ except?: RegExp }} [options] problems that the test provokes */
  async assertClean(options) {
    this.watch.assertClean(this.fixture.origin, options);
    await this.assertNoShifts();
    await this.assertNoKey();
  }

  /** Asserts no layout shift and no violation of the Content-Security-Policy. */
  async assertNoShifts() {
    const { shifts, violations } = await this.page.evaluate(() => /** @type {any} */ (window).recorded);
    assert.deepEqual(violations, []);
    const sum = shifts.reduce(
      (/** @type {number} */ total, /** @type {any} */ { value }) => total + value,
      0,
    );
    assert.ok(sum < MAX_LAYOUT_SHIFT, `the layout shifted by ${sum}: ${JSON.stringify(shifts)}`);
  }

  async assertNoKey() {
    const keys = Object.values(this.fixture.emulator.keys).flatMap((byName) => Object.values(byName));
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
 * The files in the private storage of the page's origin.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
export const privateFiles = (page) =>
  page.evaluate(async () => {
    const names = [];
    const root = /** @type {any} */ (await navigator.storage.getDirectory());
    for await (const [folder, handle] of root.entries()) {
      for await (const name of handle.keys()) names.push(`${folder}/${name}`);
    }
    return names;
  });

/**
 * Starts `petit serve`, Chromium and the emulator for the tests of the calling file.
 * @param {Seed} seed
 * @param {string} [destination] name of the account that clones write to
 * @param {(emulator: TestEnv['emulator']) => Record<string, string>} [variables] of the terminal of `petit serve`
 */
export function pageFixture(seed, destination = 'mirror', variables = () => ({})) {
  const env = setUpEnv(seed, 'prod');
  const fixture = new PageFixture(env, withBrowser(), destination);
  /** @type {Awaited<ReturnType<typeof startServe>>} */
  let server;
  let folder = '';
  before(async () => {
    await env.ready;
    folder = await mkdtemp(join(tmpdir(), 'petit-serve-'));
    env.folder = folder;
    const endpoints = ['prod', destination].flatMap((name) => ['--endpoint', env.emulator.url(name)]);
    server = await startServe(env, endpoints, variables(env.emulator));
    fixture.origin = server.origin;
    fixture.address = server.url;
    fixture.stopServe = async () => void (await server.stop());
  });
  after(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return fixture;
}

/**
 * The same with a static host. Without a relay, the emulator must allow the page's origin (CORS).
 * @param {Seed} seed
 * @param {string} [destination]
 */
export function staticPageFixture(seed, destination = 'mirror') {
  const env = setUpEnv(seed, 'prod');
  const fixture = new PageFixture(env, withBrowser(), destination);
  /** @type {Awaited<ReturnType<typeof staticHost>>} */
  let host;
  before(async () => {
    host = await staticHost(PAGE);
    fixture.origin = host.origin;
  });
  after(() => host?.close());
  return fixture;
}
