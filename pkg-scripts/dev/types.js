// Makes the package's type declarations from its JSDoc: one file for each entry, with nothing in it but what is public.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';
import { ROOT } from './setup.js';

const SCRATCH = join(ROOT, 'dist/types');
/** The entries, and the types that are only theirs. */
const ENTRIES = {
  node: "export type { ServeOptions } from './serve/serve.js';\nexport type { Server } from './serve/server.js';",
  browser:
    "export type { ServedBy } from './platform/relay.js';\n" +
    "export type { PrivateFolder } from './sinks/private-folder.js';\n" +
    "export type { FilePlaces, OpenSink } from './sinks/sinks.js';",
};
/** Declarations that are written by hand, or by wasm-bindgen: TypeScript reads them, but does not emit them again. */
const WRITTEN = [
  'pkg-scripts/dev/public-types.d.ts',
  'pkg-scripts/driver/types.d.ts',
  'dist/wasm/petit.d.ts',
];

/** Writes dist/node.d.ts and dist/browser.d.ts. */
function makeTypes() {
  rmSync(SCRATCH, { recursive: true, force: true });
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'pkg-scripts/dev/tsconfig.types.json'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  for (const path of WRITTEN) cpSync(join(ROOT, path), join(SCRATCH, path));
  for (const [name, types] of Object.entries(ENTRIES)) rollUp(name, types);
  rmSync(SCRATCH, { recursive: true });
}

/**
 * Gathers what an entry exports, and the types that go with it.
 * @param {string} name
 * @param {string} types exports besides
 */
function rollUp(name, types) {
  const entry = join(SCRATCH, `pkg-scripts/${name}-entry.d.ts`);
  writeFileSync(entry, `export * from './${name}.js';\nexport * from './dev/public-types.js';\n${types}`);
  forEntry(name);
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: entry,
      compiler: { overrideTsconfig: tsconfigOf(entry), skipLibCheck: true },
      dtsRollup: {
        enabled: true,
        untrimmedFilePath: '',
        publicTrimmedFilePath: join(ROOT, `dist/${name}.d.ts`),
      },
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // Nothing here is alpha or beta: what is not marked internal is public.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
        },
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
      },
    },
  });
  const { succeeded } = Extractor.invoke(config, { localBuild: true });
  if (!succeeded) throw new Error(`the types of ${name} have errors`);
}

/**
 * Lets the declarations mean the entry's own platform, and drops JSDoc that tells readers of declarations nothing.
 * @param {string} name of the entry
 */
function forEntry(name) {
  for (const file of readdirSync(SCRATCH, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(SCRATCH, file);
    const text = readFileSync(path, 'utf8')
      .replaceAll(/(['"])(#platform|\.\/platform\/(node|browser)\.js)\1/g, `'#platform'`)
      .replaceAll(
        "'#platform'",
        `'${posix.relative(dirname(file), `pkg-scripts/platform/${name}.js`).replace(/^(?!\.)/, './')}'`,
      )
      .replaceAll(/^[ \t]*\/\*\*((?!\*\/)[\s\S])*?@(import|typedef|callback)\b((?!\*\/)[\s\S])*\*\/\n/gm, '');
    // A comment at a file's very start would be taken for the file's own.
    writeFileSync(path, `export {};\n${text}`);
  }
}

/** How the declarations are read: alone, without the sources beside them.
 * @param {string} entry */
const tsconfigOf = (entry) => ({
  compilerOptions: {
    ...{ target: 'es2023', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] },
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
  },
  files: [entry],
});

makeTypes();
