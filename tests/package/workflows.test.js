import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const TESTS = new URL('../', import.meta.url);
/** Folders that a job of their own runs. */
const OWN_JOBS = ['unit'];

/** @param {string} folder of tests/ */
const hasTests = (folder) =>
  readdirSync(new URL(folder, TESTS), { recursive: true }).some((name) =>
    /\.test\.js$|^test_.*\.py$/.test(String(name)),
  );

test('CI runs every folder of tests as a job', () => {
  const workflow = readFileSync(new URL('../.github/workflows/ci.yml', TESTS), 'utf8');
  const listed = /folder: \[(.*)\]/.exec(workflow)?.[1]?.split(', ');
  const entries = readdirSync(TESTS, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(listed, folders.filter((name) => hasTests(name) && !OWN_JOBS.includes(name)).sort());
});
