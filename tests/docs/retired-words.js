// The words that petit's code, help and docs no longer use, and a search for them.
//
//   node tests/docs/retired-words.js [path…]     lists the hits in files whose path starts with one of these
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * @typedef {object} RetiredWord
 * @property {string} word as the allow list names it
 * @property {string} instead what to write
 * @property {RegExp} pattern
 *
 * @typedef {object} Hit
 * @property {string} word
 * @property {string} file
 * @property {number} line 0 for the path of the file
 * @property {string} text of the line
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the check reads. */
const INCLUDED = ['src', 'pkg-scripts', 'www', 'docs', 'README*', 'SECURITY.md', 'tests', 'bench'];
/** Data, generated files, and the lists of retired words themselves. */
const EXCLUDED = [
  /^docs\/api\//,
  /^tests\/(fixtures|seeds|fuzz\/corpus|fuzz\/crashers)\//,
  /(^|\/)(package-lock\.json|Cargo\.lock)$/,
  /\.(svg|png|ico|woff2)$/,
  /^tests\/docs\/retired-words/,
];

/** Words of prose, in lower and upper case. @type {[words: string, instead: string][]} */
const PROSE = [
  ['trouble', 'error, failure'],
  ['told', 'reported, printed, recorded'],
  ['whoever', 'the name of the actor'],
  ['likewise', 'also, the same'],
  ['shall', 'must, will'],
  ['anew', 'again, from the start'],
  ['tidy', 'clean up'],
  ['tidily', 'cleanly'],
  ['tidies', 'cleans up'],
  ['tries', 'attempts, retries'],
  ['surroundings', 'context, environment, configuration'],
  ['face', 'reporter, interface'],
  ['faces', 'reporters, interfaces'],
  ['half done', 'partial, incomplete'],
];

/** Names in code and files. @type {[names: string, instead: string][]} */
const NAMES = [
  ['createFace', 'createReporter'],
  ['stoppedBy', 'ReportBuilder.failed'],
  ['goOn', 'resumeHint'],
  ['STOPPING', 'interruptMessage'],
  ['printable', 'escapeControlChars, sanitize'],
  ['CommandWithVariables', 'EnvCommand'],
  ['variableOf', 'envVarName'],
  ['settleFlag', 'parseBooleanEnv'],
  ['useNetwork', 'configureFetch'],
  ['interruptible', 'handleSignals'],
  ['DIRECTNESS', 'PRECEDENCE'],
  ['ownSettings', 'useAccountDefaults'],
  ['persistence', 'retryOptions'],
  ['Persistence', 'RetryOptions'],
  ['Patience', 'RetryBudget'],
  ['waitOut', 'backoff'],
  ['givenUp', 'exhausted'],
  ['IdleWatch', 'IdleTimeout'],
  ['onLook', 'onPoll'],
  ['runTelling', 'withStatusUpdates'],
  ['jobsUnderWay', 'listActiveJobs'],
  ['createAnew', 'recreate'],
  ['isDoubtful', 'isOutcomeUnknown'],
  ['settleSession', 'completeSession'],
  ['smallResult', 'fetchSmallResult'],
  ['sourceRefused', 'withSourceAccessError'],
  ['moveRows', 'copyRows'],
  ['moveTable', 'copyServerSide'],
  ['loadRows', 'bulkImport'],
  ['partsOf', 'encodeParts'],
  ['roomForParts', 'uploadBudget'],
  ['survey', 'inspect'],
  ['surveyClone', 'inspectClone'],
  ['RowGroupOrder', 'EncodeRowGroupRequest'],
  ['SegmentOrder', 'EncodeSegmentRequest'],
  ['ownThread', 'inlinePool'],
  ['meteredSource', 'instrumentSource'],
  ['stepRows', 'batchRows'],
  ['whyNoAnswer', 'explainNetworkError'],
  ['bodyOf', 'toRequestBody'],
  ['half_written', 'partial_write'],
  ['no_sink', 'no_output'],
  ['cannot_listen', 'port_unavailable'],
  ['Lanes', 'WorkerSlots'],
];

/** @param {string} word @param {string} [flags] */
const wholeWord = (word, flags) => new RegExp(`(?<![\\w-])${word.replaceAll(' ', '\\s+')}(?![\\w-])`, flags);

/** @type {RetiredWord[]} */
export const RETIRED_WORDS = [
  ...PROSE.map(([word, instead]) => ({ word, instead, pattern: wholeWord(word, 'i') })),
  ...NAMES.map(([word, instead]) => ({ word, instead, pattern: wholeWord(word) })),
  // Not a Rust loop over words, and not “has no count of”.
  { word: 'in words', instead: 'description', pattern: /(?<!\bfor \w+ )\bin words\b/i },
  { word: 'no count', instead: 'invalid count', pattern: /\bno count\b(?! of)/i },
  { word: '_TRIES', instead: 'MAX_ATTEMPTS', pattern: /\b[A-Z_]*_TRIES\b/ },
  ...['MOST', 'LEAST', 'FEWEST', 'LONGEST', 'SLOWEST'].map((prefix) => ({
    word: `${prefix}_`,
    instead: 'MAX_, MIN_',
    pattern: new RegExp(`\\b${prefix}_[A-Z]`),
  })),
];

/**
 * The retired words in a text, and in the path of its file.
 * @param {string} file
 * @param {string} text
 * @returns {Hit[]}
 */
export function findRetiredWords(file, text) {
  const lines = [file, ...text.split('\n')];
  return lines.flatMap((line, index) =>
    RETIRED_WORDS.filter(({ pattern }) => pattern.test(line)).map(({ word }) => {
      return { word, file, line: index, text: line.trim() };
    }),
  );
}

/**
 * The retired words in all files of the repository that the check reads.
 * @returns {Hit[]}
 */
export function findAllRetiredWords() {
  const listed = execFileSync('git', ['ls-files', '-z', '--', ...INCLUDED], { cwd: ROOT, encoding: 'utf8' });
  const files = listed.split('\0').filter((file) => file && !EXCLUDED.some((pattern) => pattern.test(file)));
  return files.flatMap((file) => findRetiredWords(file, readFileSync(join(ROOT, file), 'utf8')));
}

/** @param {Hit} hit */
export const hitText = ({ word, file, line, text }) => `${file}:${line}: ${word}: ${text.slice(0, 120)}`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const prefixes = process.argv.slice(2);
  const hits = findAllRetiredWords().filter(
    ({ file }) => prefixes.length === 0 || prefixes.some((prefix) => file.startsWith(prefix)),
  );
  for (const hit of hits) console.log(hitText(hit));
  console.log(`${hits.length} hits`);
}
