import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { blocksOf, PAGES, pattern, proseOf, ROOT, sessionOf, textOf } from './blocks.js';
import { Here } from './env.js';

/** @import { Block } from './blocks.js' */

/** The documents' examples, each run as a reader would; those of a page one after the other, in one folder. */

/** Blocks that are looked at and not run. */
const PICTURES = ['text', 'mermaid'];
/** Blocks with a reason not to run them, at most. */
const NOT_RUN_AT_MOST = 15;

const blocks = PAGES.flatMap(blocksOf);
const nameOf = (/** @type {Block} */ { page, line, language }) => `${page}:${line} (${language})`;

/**
 * How the blocks of a language are run.
 * @type {Record<string, (here: Here, block: Block) => Promise<unknown>>}
 */
const RUNNERS = {
  sh: async (here, { text, exitCode }) => ended(await here.shell(text), exitCode),
  js: async (here, { text }) => ended(await here.node(text)),
  python: async (here, { text }) => ended(await here.python(text)),
  sql: async (here, { text }) => ended(await here.sql(text)),
  json: async (_, { text }) => void JSON.parse(text),
  console: runSession,
  yaml: runWorkflow,
  crontab: runCrontab,
};

/**
 * @param {{ code: number | null, output: string }} outcome
 * @param {number} [exitCode]
 */
function ended({ code, output }, exitCode = 0) {
  assert.equal(code, exitCode, output);
  return output;
}

/** Runs the commands of a session, which show what the document says, but for numbers and the order of lines.
 * @param {Here} here @param {Block} block */
async function runSession(here, { text, exitCode }) {
  for (const { command, shown } of sessionOf(text)) {
    const lines = ended(await here.shell(command), exitCode)
      .trimEnd()
      .split('\n')
      .map(pattern);
    for (const line of shown.filter((line) => line !== '…')) {
      assert.ok(lines.includes(pattern(line)), `${command} shows no line “${line}” but\n${lines.join('\n')}`);
    }
    if (!shown.includes('…')) assert.equal(lines.length, shown.length, lines.join('\n'));
  }
}

/** Runs the steps of a workflow of GitHub's; those of other people's actions are GitHub's to run.
 * @param {Here} here @param {Block} block */
async function runWorkflow(here, { text }) {
  const workflow = parse(text);
  if (!workflow.jobs) return runTasks(here, workflow);
  for (const { env, steps, strategy } of Object.values(workflow.jobs)) {
    for (const step of steps) {
      if (!step.run) assert.match(step.uses, /^actions\/[\w-]+@v\d+$/);
      else {
        for (const command of commandsOf(step.run, strategy?.matrix)) {
          ended(await here.shell(command, secretsOf(here, { ...env, ...step.env })));
        }
      }
    }
  }
}

/** Runs the tasks of a workflow of digdag.
 * @param {Here} here @param {Record<string, any>} workflow */
async function runTasks(here, workflow) {
  const tasks = Object.entries(workflow).filter(([name]) => name.startsWith('+'));
  assert.ok(tasks.length > 0, 'the workflow has no task');
  for (const [, task] of tasks) ended(await here.shell(task['sh>'], secretsOf(here, task._env)));
}

/** A step's command, for each value of the matrix that is in it.
 * @param {string} command
 * @param {Record<string, unknown[]>} [matrix]
 * @returns {string[]} */
function commandsOf(command, matrix = {}) {
  const [place, name = ''] = /\$\{\{ matrix\.(\w+) \}\}/.exec(command) ?? [];
  if (!place) return [command];
  const values = matrix[name] ?? assert.fail(`the matrix has no ${name}`);
  return values.flatMap((value) => commandsOf(command.replaceAll(place, String(value)), matrix));
}

/** @param {Here} here @param {Record<string, string>} env */
const secretsOf = (here, env) =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const secret = (/^\$\{\{ secrets\.(\w+) \}\}$/.exec(value) ??
        /^\$\{secret:td\.(\w+)\}$/.exec(value))?.[1]?.toUpperCase();
      return [name, secret ? (here.env[secret] ?? assert.fail(`${secret} is no secret`)) : value];
    }),
  );

/** Runs each line as cron would: by sh, from the home, with hardly any environment.
 * @param {Here} here @param {Block} block */
async function runCrontab(here, { text }) {
  for (const line of text.trim().split('\n')) {
    const [, command = ''] = /^(?:[\d*/,-]+\s+){5}(.+)$/.exec(line) ?? assert.fail(line);
    const { PATH, HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS } = here.env;
    const clean = Object.entries({ PATH, HOME, HTTPS_PROXY, NODE_EXTRA_CA_CERTS });
    const env = clean.map(([name, value]) => `${name}=${value}`);
    ended(await here.run(['env', '-i', ...env, 'sh', '-c', command.replaceAll('\\%', '%')]));
  }
}

describe('the examples of', { concurrency: 2 }, () => {
  for (const page of PAGES) {
    const runnable = blocksOf(page).filter(({ language, notRun }) => !PICTURES.includes(language) && !notRun);
    if (runnable.length === 0) continue;
    describe(page, { concurrency: 1 }, () => {
      const here = new Here();
      before(() => here.start());
      after(() => here.close());
      for (const block of runnable) {
        it(`line ${block.line}, ${block.language}`, async () => {
          await (RUNNERS[block.language] ?? assert.fail(`nothing runs ${nameOf(block)}`))(here, block);
        });
      }
    });
  }
});

describe('the documents', () => {
  it('say of what language each example is, and show commands only in those that are run', () => {
    for (const block of blocks) {
      assert.ok(block.language in RUNNERS || PICTURES.includes(block.language), nameOf(block));
      if (PICTURES.includes(block.language)) assert.doesNotMatch(block.text, /^(\$ |petit |npx |npm )/m);
    }
  });

  it('give a reason for the few that are not run', (test) => {
    const spared = blocks.filter(({ notRun }) => notRun);
    for (const block of spared) test.diagnostic(`not run: ${nameOf(block)}: ${block.notRun}`);
    assert.ok(spared.length <= NOT_RUN_AT_MOST, `${spared.length}`);
  });

  it('link to what is there', () => {
    for (const page of PAGES) {
      for (const [, target = ''] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const [path = '', anchor] = target.split('#');
        const at = path === '' ? page : normalize(join(dirname(page), path));
        assert.ok(existsSync(join(ROOT, at)), `${page} links to ${target}`);
        if (anchor) assert.ok(anchorsOf(at).includes(anchor), `${page} links to ${target}`);
      }
    }
  });

  it('can be found from README.md or from docs/README.md', () => {
    const linked = ['README.md', 'docs/README.md'].flatMap((page) =>
      [...proseOf(page).matchAll(/\]\(([^)\s#]+)/g)].map(([, path = '']) =>
        normalize(join(dirname(page), path)),
      ),
    );
    for (const page of PAGES) assert.ok(page === 'README.md' || linked.includes(page), page);
  });
});

/** The anchors that GitHub gives the headings of a page.
 * @param {string} page */
const anchorsOf = (page) =>
  [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
