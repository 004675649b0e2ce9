import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { findAllRetiredWords, findRetiredWords, hitText, RETIRED_WORDS } from './retired-words.js';

/** Maximum number of hits in the message of a failure. */
const MAX_SHOWN = 100;

/** The right uses of retired words: word → file → reason. @type {Record<string, Record<string, string>>} */
const allowed = JSON.parse(readFileSync(new URL('./retired-words.allowed.json', import.meta.url), 'utf8'));

describe('the search for retired words', () => {
  it('finds a planted word with its file and line', () => {
    const hits = findRetiredWords('docs/planted.md', 'First line.\nThe user is told twice.\n');
    assert.deepEqual(hits, [
      { word: 'told', file: 'docs/planted.md', line: 2, text: 'The user is told twice.' },
    ]);
  });

  it('finds every retired word, and prose also with a capital letter', () => {
    for (const { word, pattern } of RETIRED_WORDS) {
      const text = `a ${word.startsWith('_') ? `MAX${word}` : word.replace(/_$/, '_ROWS')} b`;
      assert.ok(
        findRetiredWords('x', text).some((hit) => hit.word === word),
        text,
      );
      if (pattern.ignoreCase) assert.ok(findRetiredWords('x', text.toUpperCase()).length > 0, text);
    }
  });

  it('finds a retired word in the path of a file', () => {
    const [hit] = findRetiredWords('pkg-scripts/cli/face.js', '');
    assert.deepEqual([hit?.word, hit?.line], ['face', 0]);
  });

  it('ignores parts of other words', () => {
    const text = '@font-face { } a typeface; retries; untold; marshalled; the interface; ALMOST_ALL';
    assert.deepEqual(findRetiredWords('x', text), []);
  });
});

describe('code, help and docs', () => {
  const hits = findAllRetiredWords();

  it('have no retired words', () => {
    const forbidden = hits.filter(({ word, file }) => !allowed[word]?.[file]);
    const shown = forbidden.slice(0, MAX_SHOWN).map(hitText);
    assert.equal(forbidden.length, 0, `${forbidden.length} hits:\n${shown.join('\n')}`);
  });

  it('have every use that tests/docs/retired-words.allowed.json allows', () => {
    const used = new Set(hits.map(({ word, file }) => `${word} in ${file}`));
    for (const [word, files] of Object.entries(allowed)) {
      for (const [file, reason] of Object.entries(files)) {
        assert.ok(used.has(`${word} in ${file}`), `${word} in ${file}`);
        assert.ok(reason.length > 10, `a reason for ${word} in ${file}`);
      }
    }
  });
});
