import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NO_PROFILE, Profile } from '../../pkg-scripts/driver/run/profile.js';

/** @param {number[]} lengths */
async function* source(...lengths) {
  for (const length of lengths) yield new Uint8Array(length);
}

/** @param {AsyncIterable<Uint8Array>} chunks */
async function* double(chunks) {
  for await (const { length } of chunks) yield new Uint8Array(2 * length);
  return 'end';
}

describe('a stage', () => {
  it('passes everything on, also what the generator returns, and counts it', async () => {
    const profile = new Profile(['double']);
    const output = profile.stage('double', double)(source(2, 1));
    assert.equal((await output.next()).value?.length, 4);
    assert.equal((await output.next()).value?.length, 2);
    assert.deepEqual(await output.next(), { done: true, value: 'end' });
    assert.equal(profile.counters('double').bytes, 6);
  });

  it('passes further arguments on', async () => {
    const profile = new Profile(['repeat']);
    const repeat = async function* (
      /** @type {AsyncIterable<Uint8Array>} */ chunks,
      /** @type {number} */ times,
    ) {
      for await (const chunk of chunks) for (let n = 0; n < times; n += 1) yield chunk;
    };
    const lengths = [];
    for await (const { length } of profile.stage('repeat', repeat)(source(1, 2), 2)) lengths.push(length);
    assert.deepEqual(lengths, [1, 1, 2, 2]);
  });

  it('stops the stages before it when the consumer stops', async () => {
    let isStopped = false;
    const endless = async function* () {
      try {
        for (;;) yield new Uint8Array(1);
      } finally {
        isStopped = true;
      }
    };
    for await (const _ of new Profile(['endless']).stage('endless', endless)()) break;
    assert.ok(isStopped);
  });

  it('is the generator itself without a profile', () => {
    assert.equal(NO_PROFILE.stage('double', double), double);
  });
});

describe('a task', () => {
  it('counts work that fails, and throws its error', async () => {
    const profile = new Profile(['write']);
    const write = profile.task('write', async (/** @type {{ byteLength: number }} */ _) => {
      throw new Error('disk full');
    });
    await assert.rejects(write({ byteLength: 5 }), /disk full/);
    assert.equal(profile.counters('write').bytes, 5);
  });
});
