// npm run fuzz [-- TARGET… --seconds N]: the fuzz targets under libFuzzer, one after the other. What breaks one is put into
// crashers/, where cargo test finds it from then on.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(dirname(HERE));
const CARGO_FUZZ_VERSION = '0.13.2';
const LIMITS = ['-max_len=4096', '-timeout=10', '-rss_limit_mb=1024'];

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' } },
  allowPositionals: true,
});
const known = readdirSync(join(HERE, 'fuzz_targets')).map((name) => name.replace(/\.rs$/, ''));
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no such target: ${unknown.join(', ')}; there are ${known.join(', ')}`);
  process.exit(1);
}

/** @param {string} command @param {string[]} args */
const works = (command, ...args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** @param {string} command @param {string[]} args */
const run = (command, ...args) => execFileSync(command, args, { cwd: ROOT, stdio: 'inherit' });

// libFuzzer needs a nightly compiler. Its builds are for speed of fuzzing, not of the result.
if (!works('cargo', '+nightly', '--version'))
  run('rustup', 'toolchain', 'install', 'nightly', '--profile', 'minimal');
if (!works('cargo', 'fuzz', '--version'))
  run('cargo', 'install', 'cargo-fuzz', '--locked', '--version', CARGO_FUZZ_VERSION);
Object.assign(process.env, { CARGO_PROFILE_RELEASE_LTO: 'off', CARGO_PROFILE_RELEASE_CODEGEN_UNITS: '16' });

let failed = 0;
for (const target of positionals.length > 0 ? positionals : known) {
  const [found, crashers, seeds] = [
    join(ROOT, 'target/fuzz-corpus', target),
    join(HERE, 'crashers', target),
    join(HERE, 'corpus', target),
  ];
  for (const folder of [found, crashers]) mkdirSync(folder, { recursive: true });
  const options = [`-max_total_time=${values.seconds}`, `-artifact_prefix=${crashers}/`, ...LIMITS];
  const cargo = ['+nightly', 'fuzz', 'run', '--fuzz-dir', HERE, '--features', 'libfuzzer'];
  console.log(`\n== ${target}, ${values.seconds} s`);
  const { status } = spawnSync('cargo', [...cargo, target, found, seeds, crashers, '--', ...options], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
