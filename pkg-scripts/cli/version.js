import { readFileSync } from 'node:fs';
import { version } from './config/user-agent.js';

const BUILD = new URL('../../dist/build.json', import.meta.url);

/**
 * What pkg-scripts/dev/build.js records about a build. `--version` reads it from a file, because hashing the module would
 * take longer than everything else that `--version` does.
 * @typedef {{ commit?: string, wasm: { bytes: number, sha256: string } }} Build
 */

/** The release, the commit, the WebAssembly module and the Node version, one per line. */
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
