import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';

/**
 * Debian's Chromium for tests: a fresh profile on disk for each file, so that files of the origin's own file system are
 * real files, and a fresh page for each test.
 *
 * @typedef {import('playwright-core').BrowserContext} BrowserContext
 * @typedef {import('playwright-core').Page} Page
 */

/** Where Debian puts it. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** How often the memory is looked at, in milliseconds. */
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

/** What a page did that no page of petit's may do: errors, messages in the console, calls to other hosts. */
export class Watch {
  /** @type {string[]} */
  problems = [];
  /** @type {string[]} URLs of what was asked for */
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
   * Nothing went wrong, no policy was violated (Chromium tells that in the console), nothing came from elsewhere.
   * @param {string} origin of the page
   * @param {{ except?: RegExp }} [options] problems that the test provokes
   */
  assertClean(origin, { except } = {}) {
    assert.deepEqual(
      this.problems.filter((problem) => !except?.test(problem)),
      [],
    );
    const inside = (/** @type {string} */ url) => url.startsWith(`${origin}/`) || /^(data|blob):/.test(url);
    assert.deepEqual(
      this.requests.filter((url) => !inside(url)),
      [],
    );
  }
}

/** A browser that lives as long as the tests of a file. */
export class Browser {
  /** @type {BrowserContext} */
  // @ts-expect-error: there before the first test
  context;
  /** The folder of its profile. */
  profile = '';

  async start() {
    this.profile = await mkdtemp(join(tmpdir(), 'petit-chromium-'));
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      acceptDownloads: true,
      viewport: { width: 1280, height: 900 },
    });
  }

  /**
   * A page at the URL, and what it does.
   * @param {string} url
   */
  async open(url) {
    const page = await this.context.newPage();
    const watch = new Watch(page);
    await page.goto(url);
    return { page, watch };
  }

  /**
   * The most memory that it holds while `work` is done, beyond what it holds before.
   * @template T
   * @param {() => Promise<T>} work
   * @returns {Promise<{ result: T, growth: number }>}
   */
  async memoryDuring(work) {
    const before = this.memory();
    let peak = before;
    let isOver = false;
    const watching = (async () => {
      while (!isOver) {
        peak = Math.max(peak, this.memory());
        await pause(SAMPLE_MS);
      }
    })();
    try {
      return { result: await work(), growth: peak - before };
    } finally {
      isOver = true;
      await watching;
    }
  }

  /** Bytes of memory that all its processes hold; what they share counts once. */
  memory() {
    const processes = allProcesses();
    const mine = new Set(
      processes.filter(({ command }) => command.includes(this.profile)).map(({ id }) => id),
    );
    // A parent has a smaller number than its children, but for a few that the numbers wrapped around for.
    for (const { id, parent } of processes) if (mine.has(parent)) mine.add(id);
    return [...mine].reduce((sum, id) => sum + proportionalSize(id), 0);
  }

  async closePages() {
    await Promise.all(this.context.pages().map((page) => page.close()));
  }

  async close() {
    await this.context?.close();
    await rm(this.profile, { recursive: true, force: true });
  }
}

/** Every process's number, parent and command line. */
function allProcesses() {
  const ids = readdirSync('/proc').map(Number).filter(Boolean);
  return ids
    .sort((a, b) => a - b)
    .map((id) => {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(textOf(`/proc/${id}/status`))?.[1]);
      return { id, parent, command: textOf(`/proc/${id}/cmdline`) };
    });
}

/** @param {string} path of a file that may be gone by now */
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

/** Has a browser for the tests of the file that calls this; pages are closed after each test. */
export function withBrowser() {
  const browser = new Browser();
  before(() => browser.start());
  afterEach(() => browser.closePages());
  after(() => browser.close());
  return browser;
}
