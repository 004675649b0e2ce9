import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

/**
 * Debian's Chromium for tests. Each test file has a new profile on disk, so that the origin private file system has real
 * files. Each test has a new page.
 *
 * @typedef {import('playwright-core').BrowserContext} BrowserContext
 * @typedef {import('playwright-core').Page} Page
 */

/** Path of Debian's package. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Time between two memory measurements, in milliseconds. */
const SAMPLE_MS = 300;

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Records what a page of petit must not do: errors, console messages, calls to other hosts. */
export class Watch {
  /** @type {string[]} */
  problems = [];
  /** @type {string[]} URLs of all requests */
  requests = [];

  /** @param {Page} page */
  constructor(page) {
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error}`));
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.problems.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    page.on('request', (request) => this.requests.push(request.url()));
  }

  /**
   * Asserts that there was no error, no policy violation (Chromium logs it to the console) and no request to another host.
   * @param {string} origin of the page
   * @param {{ except?: RegExp, requests?: RegExp }} [options] problems that the test causes, and other requests that are
   *   right
   */
  assertClean(origin, { except, requests } = {}) {
    assert.deepEqual(
      this.problems.filter((problem) => !except?.test(problem)),
      [],
    );
    const inside = (/** @type {string} */ url) => url.startsWith(`${origin}/`) || /^(data|blob):/.test(url);
    assert.deepEqual(
      this.requests.filter((url) => !inside(url) && !requests?.test(url)),
      [],
    );
  }
}

/** A browser for the tests of a file. */
export class Browser {
  /** @type {BrowserContext} */
  // @ts-expect-error: set before the first test
  context;
  /** @type {Page | undefined} */
  #empty;
  /** Folder of the profile. */
  profile = '';

  async start() {
    this.profile = await mkdtemp(join(tmpdir(), 'petit-chromium-'));
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      acceptDownloads: true,
      viewport: { width: 1280, height: 900 },
    });
    this.#empty = this.context.pages()[0];
  }

  /**
   * Opens a page and records what it does.
   * @param {string} url
   */
  async open(url) {
    const page = await this.context.newPage();
    const watch = new Watch(page);
    await page.goto(url);
    return { page, watch };
  }

  /**
   * Opens a page of `petit serve` and records what it does.
   * @param {string} url an address that lets a browser in
   */
  async enter(url) {
    const opened = await this.open(url);
    await opened.page.waitForURL('**/page/*/');
    return opened;
  }

  /**
   * The maximum memory growth during `work`, in bytes.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<{ result: T, growth: number }>}
   */
  async memoryDuring(work) {
    const before = this.memory();
    let peak = before;
    let hasEnded = false;
    const sampling = (async () => {
      while (!hasEnded) {
        peak = Math.max(peak, this.memory());
        await pause(SAMPLE_MS);
      }
    })();
    try {
      return { result: await work(), growth: peak - before };
    } finally {
      hasEnded = true;
      await sampling;
    }
  }

  /** Memory of all its processes in bytes; shared memory counts once. */
  memory() {
    const processes = allProcesses();
    const ids = new Set(
      processes.filter(({ command }) => command.includes(this.profile)).map(({ id }) => id),
    );
    // A parent has a smaller id than its children, except after the ids wrapped around.
    for (const { id, parent } of processes) if (ids.has(parent)) ids.add(id);
    return [...ids].reduce((sum, id) => sum + proportionalSize(id), 0);
  }

  /** Closes all pages but an empty one: with the last page, Chromium forgets its session's cookies. */
  async closePages() {
    const pages = this.context.pages().filter((page) => page !== this.#empty);
    await Promise.all(pages.map((page) => page.close()));
  }

  async close() {
    await this.context?.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

/** The id, parent and command line of every process. */
function allProcesses() {
  const ids = readdirSync('/proc').map(Number).filter(Boolean);
  return ids
    .sort((a, b) => a - b)
    .map((id) => {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(textOf(`/proc/${id}/status`))?.[1]);
      return { id, parent, command: textOf(`/proc/${id}/cmdline`) };
    });
}

/** @param {string} path of a file that may no longer exist */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number} id of a process */
const proportionalSize = (id) =>
  Number(/^Pss:\s+(\d+) kB/m.exec(textOf(`/proc/${id}/smaps_rollup`))?.[1] ?? 0) * 1024;

/** Starts a browser for the tests of the calling file. Closes its pages after each test. */
export function withBrowser() {
  const browser = new Browser();
  before(() => browser.start());
  afterEach(() => browser.closePages());
  after(() => browser.close());
  return browser;
}
