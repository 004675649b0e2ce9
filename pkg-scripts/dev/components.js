// What the package consists of beside petit's own code: the npm packages that a user installs or that are bundled into the
// page, and the crates in the WebAssembly module.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './steps.js';

export const WASM = 'wasm32-unknown-unknown';
const MAX_OUTPUT_BYTES = 2 ** 28;

const read = (/** @type {string} */ name) => readFileSync(join(ROOT, name), 'utf8');
export const manifest = JSON.parse(read('package.json'));

/** @param {string} command @param {string[]} args */
export const run = (command, ...args) =>
  execFileSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT_BYTES,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

/**
 * The given components and all that they depend on.
 * @param {string[]} from
 * @param {(ref: string) => string[]} next
 */
function withDependencies(from, next) {
  const found = new Set(from);
  for (const ref of found) for (const other of next(ref)) found.add(other);
  return found;
}

/** Development dependencies that are bundled into the page: those that its sources name. */
function bundled() {
  const sources = readdirSync(join(ROOT, 'www'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(jsx?|css|html)$/.test(name) && !name.startsWith('vite'))
    .map((name) => read(join('www', name)))
    .join('\n');
  return Object.keys(manifest.devDependencies).filter((name) =>
    ["'", '"', 'node_modules/'].some((before) =>
      ["'", '"', '/'].some((after) => sources.includes(`${before}${name}${after}`)),
    ),
  );
}

/** A component of a CycloneDX bill of materials.
 * @typedef {{ 'bom-ref': string, properties?: unknown }} Component */

export function npmComponents() {
  /** @type {{ components: Component[], dependencies: { ref: string, dependsOn?: string[] }[] }} */
  const { components, dependencies } = JSON.parse(
    run('npm', 'sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'),
  );
  const wanted = new Set([...Object.keys(manifest.dependencies), ...bundled()]);
  const graph = new Map(dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn]));
  const next = (/** @type {string} */ ref) => graph.get(ref) ?? [];
  const direct = next(`${manifest.name}@${manifest.version}`);
  const refs = withDependencies(
    direct.filter((ref) => wanted.has(ref.slice(0, ref.lastIndexOf('@')))),
    next,
  );
  return components
    .filter((component) => refs.has(component['bom-ref']))
    .map(({ properties, ...component }) => ({ ...component, scope: 'required' }));
}

/** The crates that are compiled into the module, without macros, build dependencies and test dependencies. */
export function crateComponents() {
  const tree = ['tree', '--locked', '-p', 'petit', '--target', WASM, '--edges', 'no-proc-macro,normal'];
  const lines = run('cargo', ...tree, '--prefix', 'none', '--no-dedupe', '--format', '{p}|{l}')
    .trim()
    .split('\n');
  // cargo prints the path of this workspace's crates in brackets.
  return [...new Set(lines)]
    .filter((line) => !line.includes(' ('))
    .map((line) => {
      const [, name = '', version = '', license = ''] = /^(\S+) v(\S+)\|(.+)$/.exec(line) ?? [];
      return crateComponent({ name, version, license });
    });
}

/** @param {{ name: string, version: string, license: string }} crate */
function crateComponent({ name, version, license }) {
  const entry = new RegExp(
    `name = "${name}"\nversion = "${version.replaceAll(/[.+]/g, '\\$&')}"\n(?:.+\n)*?checksum = "(\\w+)"`,
  );
  const purl = `pkg:cargo/${name}@${version.replaceAll('+', '%2B')}`;
  return {
    ...{ 'bom-ref': purl, type: 'library', name, version, scope: 'required', purl },
    hashes: [{ alg: 'SHA-256', content: entry.exec(read('Cargo.lock'))?.[1] }],
    // Some crates still separate licences by a slash, as before SPDX.
    licenses: [{ expression: license.replaceAll('/', ' OR ') }],
  };
}
