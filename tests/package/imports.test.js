import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

/** The check of import directions finds cycles and upward imports. `npm test` checks the sources themselves. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPENDENCY_CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const CYCLES = {
  'pkg-scripts/driver/cycle-1.js': "export { two } from './cycle-2.js';",
  'pkg-scripts/driver/cycle-2.js': "import { one } from './cycle-1.js';\nexport const two = one;",
  'www/cycle-1.jsx': "import { Two } from './cycle-2.jsx';\nexport const One = () => <Two />;",
  'www/cycle-2.jsx': "import { One } from './cycle-1.jsx';\nexport const Two = () => <One />;",
};

/** @type {[rule: string, path: string, imported: string][]} */
const UPWARD = [
  ['driver-below-interfaces', 'pkg-scripts/driver/to-cli.js', '../cli/exit-codes.js'],
  ['driver-below-interfaces', 'pkg-scripts/driver/to-platform.js', '../platform/node.js'],
  ['driver-below-interfaces', 'pkg-scripts/driver/to-page.js', '../../www/main.jsx'],
  ['shared-at-the-bottom', 'pkg-scripts/shared/to-driver.js', '../driver/errors.js'],
  ['utils-at-the-bottom', 'pkg-scripts/driver/utils/to-driver.js', '../cleanup.js'],
  ['driver-td', 'pkg-scripts/driver/td/to-run.js', '../run/run.js'],
  ['driver-run', 'pkg-scripts/driver/run/to-result.js', '../result/query.js'],
  ['driver-result', 'pkg-scripts/driver/result/to-export.js', '../export/table.js'],
  ['driver-verify', 'pkg-scripts/driver/verify/to-cleanup.js', '../cleanup.js'],
  ['driver-export', 'pkg-scripts/driver/export/to-clone.js', '../clone/table.js'],
  ['interfaces-use-entries', 'pkg-scripts/cli/to-driver.js', '../driver/clone/table.js'],
  ['interfaces-use-entries', 'www/to-driver.js', '../pkg-scripts/driver/export/table.js'],
  ['edges-know-errors-only', 'pkg-scripts/sinks/to-driver.js', '../driver/cleanup.js'],
  ['no-page-in-the-package', 'pkg-scripts/cli/to-page.js', '../../www/main.jsx'],
  ['no-command-in-the-page', 'www/to-cli.js', '../pkg-scripts/cli/exit-codes.js'],
];

/**
 * Checks a copy of the sources with more files in it.
 * @param {Record<string, string>} files text by path
 * @returns {string} what the check prints
 */
function checkWith(files) {
  const folder = mkdtempSync(join(tmpdir(), 'petit-imports-'));
  try {
    for (const name of ['pkg-scripts', 'www', 'package.json']) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    for (const name of ['node_modules', 'dist']) symlinkSync(join(ROOT, name), join(folder, name));
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
    const args = ['--config', 'pkg-scripts/dev/import-rules.js', 'pkg-scripts', 'www'];
    const options = /** @type {const} */ ({ cwd: folder, encoding: 'utf8' });
    const { status, stdout } = spawnSync(process.execPath, [DEPENDENCY_CRUISER, ...args], options);
    assert.notEqual(status, 0, stdout);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the check of imports', () => {
  const upward = UPWARD.map(([, path, imported]) => [path, `import '${imported}';`]);
  const found = checkWith({ ...CYCLES, ...Object.fromEntries(upward) });

  it('finds a cycle of modules', () => assert.match(found, /no-cycles: pkg-scripts\/driver\/cycle-1\.js/));

  it('finds a cycle in JSX', () => assert.match(found, /no-cycles: www\/cycle-1\.jsx/));

  for (const [rule, path, imported] of UPWARD) {
    it(`finds ${path} that imports ${imported}`, () => assert.ok(found.includes(`${rule}: ${path}`), found));
  }
});
