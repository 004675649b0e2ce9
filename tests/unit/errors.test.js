import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { interrupted, PetitError, toPetitError } from '../../pkg-scripts/driver/errors.js';
import { fromResult, toResult } from '../../pkg-scripts/driver/workers/worker-result.js';

describe('toPetitError', () => {
  it('adds the context to a PetitError, and keeps what it has', () => {
    const own = new PetitError('network', 'cut', { table: 'mine' });
    assert.equal(toPetitError(own, { table: 'other', database: 'db', part: 'p' }), own);
    assert.deepEqual([own.table, own.database, own.part], ['mine', 'db', 'p']);
  });

  it('takes the fields of an error of the core, and adds a hint', () => {
    const report = { code: 'out_of_range', message: 'too large', retryable: false, column: 'c', row: 0 };
    const error = /** @type {PetitError} */ (toPetitError(report, { table: 't' }));
    assert.deepEqual([error.code, error.column, error.row, error.table], ['out_of_range', 'c', 0, 't']);
    assert.match(error.hint ?? '', /wider type/);
  });

  it('takes a system error for a failed write', () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC', syscall: 'write' });
    const error = /** @type {PetitError} */ (toPetitError(full));
    assert.deepEqual(
      [error.code, error.message],
      ['cannot_write', 'no space is left on the device (ENOSPC: no space left)'],
    );
  });

  it('takes anything else for a defect, except an abort', () => {
    for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null]) {
      assert.equal(/** @type {PetitError} */ (toPetitError(thrown)).code, 'internal');
    }
    const abort = interrupted();
    assert.equal(toPetitError(abort), abort);
  });
});

describe('a worker’s result', () => {
  it('is plain data between threads', () => {
    assert.deepEqual(fromResult(structuredClone(toResult(() => 42))), 42);
    const thrown = new PetitError('invalid_utf8', 'bad text', { column: 'c', row: 7, table: 't', job: '1' });
    const result = structuredClone(
      toResult(() => {
        throw thrown;
      }),
    );
    assert.throws(() => fromResult(result), thrown.toJSON());
    assert.equal(/** @type {any} */ (result).instanceLost, false);
  });

  it('says when the WebAssembly instance is lost', () => {
    const trap = toResult(() => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    assert.equal(/** @type {any} */ (trap).instanceLost, true);
  });
});

describe('a resource that is used up', () => {
  /** @type {[title: string, thrown: unknown, code: string][]} */
  const cases = [
    [
      'files',
      Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE', syscall: 'open' }),
      'too_many_files',
    ],
    [
      'connections',
      new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ENFILE' }) }),
      'too_many_files',
    ],
    [
      'memory of the system',
      Object.assign(new Error('spawn ENOMEM'), { code: 'ENOMEM', syscall: 'spawn' }),
      'out_of_memory',
    ],
    ['buffers', new RangeError('Array buffer allocation failed'), 'out_of_memory'],
    [
      'WebAssembly memory',
      new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory'),
      'out_of_memory',
    ],
    ['memory of a worker', Object.assign(new Error(), { code: 'ERR_WORKER_OUT_OF_MEMORY' }), 'out_of_memory'],
  ];
  for (const [title, thrown, code] of cases) {
    it(`has a sentence, and a hint that names what to lower: ${title}`, () => {
      const error = /** @type {PetitError} */ (toPetitError(thrown));
      assert.equal(error.code, code);
      assert.match(error.message, /^no more /);
      assert.match(error.hint ?? '', /lower --table-parallelism/);
    });
  }

  it('is not confused with other range errors', () => {
    assert.equal(
      /** @type {PetitError} */ (toPetitError(new RangeError('Invalid time value'))).code,
      'internal',
    );
    const circular = new Error('a');
    circular.cause = circular;
    assert.equal(/** @type {PetitError} */ (toPetitError(circular)).code, 'internal');
  });
});
