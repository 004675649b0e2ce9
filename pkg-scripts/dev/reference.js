// Makes docs/api/, the reference of the library, from the package's type declarations; `--check` only tells whether it is
// as they are.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './setup.js';

const REFERENCE = join(ROOT, 'docs/api');

/** @param {string} folder */
function write(folder) {
  const typedoc = join(ROOT, 'node_modules/.bin/typedoc');
  execFileSync(
    typedoc,
    ['--options', 'pkg-scripts/dev/typedoc.json', '--out', folder, '--logLevel', 'Warn'],
    {
      cwd: ROOT,
      stdio: ['ignore', 2, 2],
    },
  );
}

/** @param {string} folder
 * @returns {Record<string, string>} */
const contents = (folder) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]));

/** Fails unless docs/api/ is what the declarations say. */
function check() {
  const fresh = mkdtempSync(join(tmpdir(), 'petit-reference-'));
  try {
    write(fresh);
    if (JSON.stringify(contents(fresh)) === JSON.stringify(contents(REFERENCE))) return;
    console.error('docs/api/ is not as the code says: run `node pkg-scripts/dev/reference.js` and commit it');
    process.exitCode = 1;
  } finally {
    rmSync(fresh, { recursive: true });
  }
}

if (process.argv.includes('--check')) check();
else write(REFERENCE);
