// What the page can ask about Parquet files.
import { readParquet } from '../parquet/read-parquet.js';

export const parquetCalls = {
  /** @param {Blob} file */
  openParquet: (file) => readParquet(file),
};
