// npm run audit: asks the registries what is known against the packages that petit is made of. It needs the internet, and is
// therefore no part of `npm test`, where tests/package/supply-chain.test.js checks what can be checked offline.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A registry that gives no answer fails its check. */
const MAX_MS = 300_000;

/** @type {[title: string, command: string, ...args: string[]][]} */
const checks = [
  ['known weaknesses of npm packages', 'npm', 'audit'],
  ['signatures of npm packages', 'npm', 'audit', 'signatures'],
  ['crates: weaknesses, licences, sources', 'cargo', 'deny', 'check'],
];
if (spawnSync('cargo', ['deny', '--version'], { stdio: 'ignore' }).status !== 0)
  console.error('== cargo-deny is missing: cargo install cargo-deny --locked, which takes some minutes');
const failed = checks.filter(([title, command, ...args]) => {
  console.log(`\n== ${title}`);
  return spawnSync(command, args, { cwd: ROOT, stdio: 'inherit', timeout: MAX_MS }).status !== 0;
});
for (const [title] of failed) console.error(`== ${title}: failed, see above`);
process.exitCode = failed.length > 0 ? 1 : 0;
