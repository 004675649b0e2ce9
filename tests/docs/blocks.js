import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is in a document between fences.
 * @typedef {object} Block
 * @property {string} page
 * @property {number} line of its fence
 * @property {string} language
 * @property {string} text
 * @property {string} [notRun] why it is not run: `<!-- not run: … -->` before it
 * @property {number} exitCode that it ends with: `<!-- exits 5 -->` before it; else 0
 */

/** Documents that people read: the generated reference has no examples. */
export const PAGES = [
  'README.md',
  'SECURITY.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** @param {string} page */
export const textOf = (page) => readFileSync(join(ROOT, page), 'utf8');

const FENCE = /^( *)```(\S*)\n(.*?)^ *```$/gms;

/** @param {string} page @returns {Block[]} */
export function blocksOf(page) {
  const text = textOf(page);
  return [...text.matchAll(FENCE)].map(({ 1: indent = '', 2: language = '', 3: inner = '', index }) => {
    const before = text.slice(0, index);
    const [, mark = ''] = /<!-- ([^>]*) -->\s*$/.exec(before) ?? [];
    return {
      page,
      line: before.split('\n').length,
      language,
      text: inner.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      notRun: /^not run: (.+)/.exec(mark)?.[1],
      exitCode: Number(/^exits (\d+)$/.exec(mark)?.[1] ?? 0),
    };
  });
}

/** A document without what stands between fences.
 * @param {string} page */
export const proseOf = (page) => textOf(page).replaceAll(FENCE, '');

/**
 * The commands of a `console` block, each with what it shows.
 * @param {string} text
 * @returns {{ command: string, shown: string[] }[]}
 */
export function sessionOf(text) {
  const [none, ...commands] = text.split(/^\$ /m);
  if (none?.trim()) throw new Error(`a console block begins with a command, not with ${none}`);
  return commands.map((part) => {
    const [, command = '', shown = ''] = /^((?:[^\n]*\\\n)*[^\n]*)\n(.*)$/s.exec(part) ?? [];
    return { command, shown: shown.trimEnd().split('\n') };
  });
}

/** A line that differs between runs only in numbers, times, sizes and the width of columns.
 * @param {string} line */
export const pattern = (line) =>
  line
    .replaceAll(/\d[\d,.]*( ?(ms|s|min|h|B|[KMG]iB)\b)?/g, '#')
    .replaceAll(/─+|\s+/g, ' ')
    .trim();
