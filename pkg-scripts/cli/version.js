import { readFileSync } from 'node:fs';
import { version } from './config/user-agent.js';

const BUILD = new URL('../../dist/build.json', import.meta.url);

/**
 * What the build wrote down: see pkg-scripts/dev/build.js. To read the module for its hash would take longer than all else here.
 * @typedef {{ commit?: string, wasm: { bytes: number, sha256: string } }} Build
 */

/** What runs: the release, the commit it was built from, the WebAssembly module, and what runs them. */
export function versionText() {
  /** @type {Build} */
  const { commit, wasm } = JSON.parse(readFileSync(BUILD, 'utf8'));
  const { versions, platform, arch } = process;
  return [
    `petit ${version}`,
    ...(commit ? [`commit ${commit}`] : []),
    `wasm ${wasm.bytes} bytes, sha256 ${wasm.sha256}`,
    `node ${versions.node} on ${platform} ${arch}`,
  ].join('\n');
}
