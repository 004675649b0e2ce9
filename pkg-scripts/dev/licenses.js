// Collects the licence texts of all that the package contains beside petit's own code: the crates in the WebAssembly module
// with the C code of zstd, Rust's standard library, the npm packages and the font. The build writes them into the page's folder.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleContents } from './bundle.js';
import { crateComponents, run, WASM } from './components.js';
import { ROOT, StepError } from './steps.js';

/** Files of a package that have its licence, or a notice that its licence wants to be passed on. */
const LICENSE_FILE = /^(licen[cs]e|copying|notice|unlicense)/i;
/** Licence files of C code that a crate compiles into the module. @type {Record<string, string[]>} */
const C_CODE = { 'zstd-sys': ['zstd/LICENSE'] };
/** The scripts that the library and the page start with. */
const BUNDLES = [
  'pkg-scripts/browser.js',
  'pkg-scripts/driver/workers/worker.js',
  'www/main.jsx',
  'www/worker/worker.js',
];
/** Where a Rust toolchain has the licence texts of the standard library and of the crates in it. */
const RUST_DOCS = 'share/doc/rust';
/** Crates in the standard library that it does not have for WebAssembly. */
const OTHER_PLATFORMS = /^(fortanix|hermit|libc|moto|r-efi|vex|wasi|windows|wit-bindgen)[-_]/;

/**
 * @typedef {object} Part
 * @property {string} title name, version and licence
 * @property {string[]} texts
 */

/** @returns {Promise<string>} Markdown: each distinct text, below the parts that it applies to */
export async function collectLicenses() {
  const parts = [...crates(), ...(await npmPackages()), ...standardLibrary()];
  /** @type {Map<string, string[]>} */
  const titlesOf = new Map();
  for (const { title, texts } of parts)
    for (const text of texts) titlesOf.set(text, [...(titlesOf.get(text) ?? []), title]);
  const sections = [...titlesOf].map(
    ([text, titles]) => `## ${[...new Set(titles)].join(', ')}\n\n${indented(text)}\n`,
  );
  return `# Licenses of the software in this package\n\n${sections.join('\n')}`;
}

/** A code block of Markdown, whatever the text. @param {string} text */
const indented = (text) => text.replaceAll(/^(?=.)/gm, '    ');

/** @returns {Part[]} */
function crates() {
  const options = ['--locked', '--format-version', '1', '--filter-platform', WASM];
  const metadata = JSON.parse(run('cargo', 'metadata', ...options));
  /** @type {{ name: string, version: string, manifest_path: string }[]} */
  const packages = metadata.packages;
  return crateComponents().map(({ name, version, licenses }) => {
    const found = packages.find((crate) => crate.name === name && crate.version === version);
    if (!found) throw new StepError(`cargo metadata has no crate ${name} ${version}`);
    const folder = dirname(found.manifest_path);
    const texts = textsIn(folder, C_CODE[name]);
    return part({ name, version, license: licenses[0]?.expression ?? '', texts });
  });
}

/** The npm packages whose code or fonts are in the bundles of dist/. @returns {Promise<Part[]>} */
async function npmPackages() {
  const { inputs } = await bundleContents(BUNDLES);
  const folders = Object.keys(inputs).flatMap(
    (path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return [...new Set(folders)].sort().map((path) => {
    const folder = join(ROOT, path);
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return part({ name, version, license, texts: textsIn(folder) });
  });
}

/**
 * The standard library and the crates that it is made of.
 * @returns {Part[]}
 */
function standardLibrary() {
  const folder = join(run('rustc', '--print', 'sysroot').trim(), RUST_DOCS);
  if (!existsSync(folder)) throw new StepError(`the Rust toolchain has no folder ${RUST_DOCS}`);
  const [, ...sections] = readFileSync(join(folder, 'COPYRIGHT-library.html'), 'utf8').split('<h3>📦 ');
  const wanted = sections.filter((section) => !OTHER_PLATFORMS.test(section));
  const inside = wanted.map((section) => {
    const [, name = '', version = ''] = /^([\w-]+?)-(\d[^<]*)</.exec(section) ?? [];
    const [, license = ''] = /<b>License:<\/b> ([^<]+)</.exec(section) ?? [];
    const texts = [...section.matchAll(/<pre>(.*?)<\/pre>/gs)].map(([, text = '']) => decoded(text));
    return part({ name, version, license, texts: texts.map(normalized) });
  });
  const texts = ['Apache-2.0', 'Unicode-3.0'].map((name) => readText(join(folder, `licenses/${name}.txt`)));
  return [{ title: 'Rust standard library (Apache-2.0 OR MIT)', texts }, ...inside];
}

/** @param {string} html */
const decoded = (html) =>
  html.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(code)).replaceAll('&amp;', '&');

/** @param {{ name: string, version: string, license: string, texts: string[] }} found @returns {Part} */
function part({ name, version, license, texts }) {
  const title = `${name} ${version} (${license})`;
  if (texts.length > 0) return { title, texts };
  if (!/\bApache-2\.0\b/.test(license) || / AND /.test(license))
    throw new StepError(`${name} ${version} has no licence text`);
  // Such a package names the licence only. Its text is the same for everyone.
  return { title, texts: textsIn(ROOT) };
}

/**
 * @param {string} folder
 * @param {string[]} [others] files below the folder
 */
const textsIn = (folder, others = []) =>
  readdirSync(folder)
    .filter((name) => LICENSE_FILE.test(name))
    .sort()
    .concat(others)
    .map((name) => readText(join(folder, name)));

/** @param {string} path */
const readText = (path) => normalized(readFileSync(path, 'utf8'));

/** Makes texts equal that differ only in white space at the ends of lines. @param {string} text */
const normalized = (text) =>
  text
    .replaceAll(/[^\S\n]+$/gm, '')
    .replace(/^\n+/, '')
    .trimEnd();
