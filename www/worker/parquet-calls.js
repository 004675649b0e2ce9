// The methods for Parquet files.
import { readParquet } from '../parquet/read-parquet.js';

export const parquetCalls = {
  /** @param {Blob} file */
  openParquet: (file) => readParquet(file),
};
