import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { version } from './user-agent.js';

const DIST = new URL('../../dist/', import.meta.url);

/** What runs: the release, the commit it was built from, the WebAssembly module, and what runs them. */
export function versionText() {
  const wasm = readFileSync(new URL('wasm/petit_bg.wasm', DIST));
  const digest = createHash('sha256').update(wasm).digest('hex');
  const { commit } = buildInfo();
  return [
    `petit ${version}`,
    ...(commit ? [`commit ${commit}`] : []),
    `wasm ${wasm.length} bytes, sha256 ${digest}`,
    `node ${process.versions.node} on ${platform()} ${arch()}`,
  ].join('\n');
}

/**
 * What the build wrote down: see pkg-scripts/build.js.
 * @returns {{ commit?: string }}
 */
function buildInfo() {
  try {
    return JSON.parse(readFileSync(new URL('build.json', DIST), 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return {};
    throw error;
  }
}
