// npm run sbom [-- FILE]: writes sbom.cdx.json, the package's bill of materials (CycloneDX 1.5): its npm dependencies, the npm
// packages that are bundled into the page, and the crates in the WebAssembly module. The same commit gives the same bytes.
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { crateComponents, manifest, npmComponents } from './components.js';
import { ROOT } from './steps.js';

const FILE = resolve(ROOT, process.argv[2] ?? 'sbom.cdx.json');

/** A UUID that depends on the contents only. @param {string} text */
function serialOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}

const components = [...npmComponents(), ...crateComponents()].sort((a, b) =>
  a['bom-ref'] < b['bom-ref'] ? -1 : 1,
);
const { name, version, description, license } = manifest;
const ref = `pkg:npm/${name}@${version}`;
const bill = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  ...{ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1 },
  metadata: {
    component: {
      ...{ 'bom-ref': ref, type: 'application', name, version, description, purl: ref },
      licenses: [{ license: { id: license } }],
    },
  },
  components,
};
const serialNumber = serialOf(JSON.stringify(bill));
writeFileSync(FILE, `${JSON.stringify({ ...bill, serialNumber }, undefined, 2)}\n`);
console.log(`${FILE}: ${components.length} components`);
