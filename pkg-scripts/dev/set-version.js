// npm runs this script as `version`, after it changed package.json: copies the version to the Rust manifests.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './steps.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** The version of the workspace, and those of its published crates in the lock file. */
const VERSIONS =
  /^(\[workspace\.package\]\nversion = |name = "petit(?:-(?:codec|plan|td|text))?"\nversion = )".*"$/gm;
for (const file of ['Cargo.toml', 'Cargo.lock']) {
  const path = join(ROOT, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(VERSIONS, `$1"${version}"`));
}
