/**
 * Releases of Parquet readers, each installed in a folder of its own. The files that petit writes by default must open in
 * all of them.
 *
 * @typedef {object} Reader
 * @property {string} name with its version
 * @property {'pip' | 'npm'} registry
 * @property {string[]} packages with their versions
 * @property {string} engine of read.py, or the name of a function in read-with-js.js
 * @property {string[]} [lacks] properties of files that it does not read, such as `nested`
 * @property {Loss[]} [losses] what it does not distinguish
 * @property {boolean} [quick] whether it is tested in `npm test` too
 *
 * @typedef {'nan-is-null' | 'null-list-is-empty' | 'nanoseconds-are-integers' | 'utf8-is-binary'} Loss
 */

const ARROW = ['numpy==1.26.4'];

/** @type {Reader[]} */
export const READERS = [
  {
    ...pip('pyarrow', '10.0.1', [...ARROW, 'pandas==1.5.3']),
    ...{ quick: true },
  },
  pip('pyarrow', '15.0.2', [...ARROW, 'pandas==2.2.3']),
  pip('pyarrow', '26.0.1', ['pandas==3.1.1', 'numpy==2.4.6']),
  pip('duckdb', '0.9.2'),
  pip('duckdb', '1.4.5'),
  pip('duckdb', '2.0.0'),
  pip('polars', '0.20.31'),
  { ...pip('polars', '1.31.0'), quick: true },
  pip('polars', '1.42.1'),
  pip('polars', '2.1.0'),
  pip('datafusion', '43.1.0', ['pyarrow==15.0.2', ...ARROW]),
  pip('datafusion', '50.1.0', ['pyarrow==15.0.2', ...ARROW]),
  pip('datafusion', '55.0.0', ['pyarrow==26.0.1']),
  {
    ...pip('chdb', '4.4.0', ['pyarrow==26.0.1', 'pandas==3.1.1', 'numpy==2.4.6']),
    losses: ['null-list-is-empty'],
  },
  {
    ...pip('fastparquet', '2026.9.0', ['pandas==3.1.1', 'numpy==2.4.6']),
    ...{ lacks: ['nested'], losses: ['nan-is-null'] },
  },
  { ...pip('pyspark', '3.3.4'), engine: 'spark' },
  { ...pip('pyspark', '4.3.0'), engine: 'spark' },
  npm('hyparquet', '1.0.0', ['hyparquet-compressors@0.1.4']),
  npm('hyparquet', '1.8.0', ['hyparquet-compressors@1.0.0']),
  npm('parquet-wasm', '0.6.1'),
  npm('parquet-wasm', '0.7.2'),
  npm('parquet-wasm', '0.8.0'),
];

/**
 * @param {string} library
 * @param {string} version
 * @param {string[]} [others] packages that it needs in a version of the same time
 * @returns {Reader}
 */
function pip(library, version, others = []) {
  const packages = [`${library}==${version}`, ...others];
  return { name: `${library} ${version}`, registry: 'pip', packages, engine: library };
}

/**
 * @param {string} library
 * @param {string} version
 * @param {string[]} [others]
 * @returns {Reader}
 */
function npm(library, version, others = []) {
  const packages = [`${library}@${version}`, ...others];
  return { name: `${library} ${version}`, registry: 'npm', packages, engine: library };
}
