import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { blocksOf, proseOf, ROOT } from './blocks.js';

/** README.ja.md is a translation of README.md: everything that is not prose must be equal. */

const ENGLISH = 'README.md';
const JAPANESE = 'README.ja.md';
/** The READMEs link to each other; only these links differ. */
const OTHER_LANGUAGE = new Set([ENGLISH, JAPANESE]);

/** The levels of the headings, in order. @param {string} page */
const headingLevels = (page) => [...proseOf(page).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);

/** @param {string} page */
const codeBlocks = (page) => blocksOf(page).map(({ language, text }) => ({ language, text }));

/**
 * The link and image targets of each section, sorted, because word order differs between the languages.
 * @param {string} page
 * @returns {string[][]}
 */
const linksBySection = (page) =>
  proseOf(page)
    .split(/^#+ .*$/m)
    .map((section) =>
      [...section.matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !OTHER_LANGUAGE.has(target))
        .sort(),
    );

/**
 * The inline code of each section, without duplicates: commands, options and variables.
 * @param {string} page
 * @returns {string[][]}
 */
const codeBySection = (page) =>
  proseOf(page)
    .split(/^#+ .*$/m)
    .map((section) => [...new Set([...section.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code))].sort());

/** The number of cells in each table row. @param {string} page */
const tableShape = (page) =>
  [...proseOf(page).matchAll(/^\|.*\|$/gm)].map(([row]) => row.split('|').length - 2);

/** @type {Record<string, (page: string) => unknown>} */
const EQUAL_PARTS = {
  'heading levels': headingLevels,
  'code blocks': codeBlocks,
  'links in each section': linksBySection,
  'inline code in each section': codeBySection,
  'table shapes': tableShape,
};

describe('README.ja.md', () => {
  for (const [name, partOf] of Object.entries(EQUAL_PARTS)) {
    it(`has the same ${name} as README.md`, () => {
      assert.deepEqual(partOf(JAPANESE), partOf(ENGLISH));
    });
  }

  it('and README.md link to each other', () => {
    assert.match(proseOf(ENGLISH), /\]\(README\.ja\.md\)/);
    assert.match(proseOf(JAPANESE), /\]\(README\.md\)/);
  });

  it('links only to existing files', () => {
    for (const target of linksBySection(JAPANESE).flat()) {
      const [path = ''] = target.split('#');
      assert.ok(/^https?:/.test(target) || existsSync(join(ROOT, path)), target);
    }
  });

  it('is in Japanese in every section', () => {
    const sections = proseOf(JAPANESE).split(/^(?=#+ )/m);
    for (const section of sections.filter((one) => one.split('\n').length > 6)) {
      assert.match(section, /[ぁ-んァ-ヶ]/, section.split('\n')[0]);
    }
  });
});
