import { createHash, randomUUID } from 'node:crypto';
import { completeUpload } from './complete.js';
import { objectExists } from './errors.js';
import { UploadMarker } from './marker.js';
import { openStore } from './open-store.js';
import { PartWriter } from './upload.js';

/** @import { Sink, SinkContext } from '../../types.js' */
/** @import { Store, Upload, UploadOptions } from './store.js' */

/** How long to try to abort the upload of a run that has failed, in milliseconds. */
const ABORT_MS = 10_000;
const PARQUET = 'application/vnd.apache.parquet';

/**
 * Opens an object that appears when it is committed.
 * @param {string} url
 * @param {{ overwrite: boolean } & SinkContext} options
 * @returns {Promise<Sink>}
 */
export async function openObject(url, { overwrite, ...context }) {
  const { store, key } = await openStore(url, context);
  if (!overwrite && typeof (await store.head(key)) === 'object') throw objectExists(url);
  const object = await PendingObject.start(store, key, context, {
    condition: overwrite ? undefined : 'absent',
  });
  return {
    writable: object.writable,
    path: url,
    commit: () => object.commit({ overwrite }),
    abort: () => object.abort(),
  };
}

/** An object whose parts are uploaded, and that is not yet visible. */
export class PendingObject {
  #store;
  #upload;
  #marker;
  #mark;
  #writer;
  #context;
  #hash;
  #isEnded = false;

  /**
   * @param {Store} store
   * @param {Upload} upload
   * @param {{ marker: UploadMarker, mark: string, context: SinkContext, isHashed: boolean }} options
   */
  constructor(store, upload, { marker, mark, context, isHashed }) {
    this.#store = store;
    this.#upload = upload;
    this.#marker = marker;
    this.#mark = mark;
    this.#context = context;
    this.#writer = new PartWriter(upload);
    this.#hash = isHashed ? createHash('sha256') : undefined;
    /** @type {WritableStream<Uint8Array>} */
    this.writable = new WritableStream(
      {
        write: (chunk) => this.#orAbort(this.#write(chunk)),
        close: () => this.#orAbort(this.#writer.finish()),
        abort: () => this.abort(),
      },
      { highWaterMark: 1 },
    );
  }

  /**
   * @param {Store} store
   * @param {string} key
   * @param {SinkContext} context
   * @param {{ isHashed?: boolean, condition?: UploadOptions['condition'] }} [options]
   */
  static async start(store, key, context, { isHashed = false, condition } = {}) {
    const mark = randomUUID();
    const upload = await store.startUpload(key, { mark, type: PARQUET, condition });
    try {
      const marker = await UploadMarker.create(store, upload);
      return new PendingObject(store, upload, { marker, mark, context, isHashed });
    } catch (error) {
      await abandon(() => upload.abort(abortOptions()));
      throw error;
    }
  }

  /** The SHA-256 of the bytes, when the stream is closed. */
  sha256() {
    return this.#hash?.digest('hex') ?? '';
  }

  /**
   * Makes the object appear.
   * @param {{ overwrite: boolean }} options
   */
  async commit({ overwrite }) {
    const { parts } = this.#writer;
    const [store, upload, mark] = [this.#store, this.#upload, this.#mark];
    await completeUpload({ store, upload, parts, overwrite, mark, context: this.#context });
    this.#isEnded = true;
    await abandon(() => this.#marker.remove(abortOptions()));
  }

  /** Removes the parts. Does nothing to an object that has appeared. */
  async abort() {
    if (this.#isEnded) return;
    this.#isEnded = true;
    await this.#writer.stop();
    await abandon(() => this.#upload.abort(abortOptions()));
    await abandon(() => this.#marker.remove(abortOptions()));
  }

  /** @param {Uint8Array} chunk */
  async #write(chunk) {
    this.#hash?.update(chunk);
    await this.#writer.write(chunk);
  }

  /** A stream whose write or close failed never calls abort.
   * @param {Promise<void>} step */
  #orAbort = (step) =>
    step.catch(async (error) => {
      await this.abort();
      throw error;
    });
}

const abortOptions = () => ({ signal: AbortSignal.timeout(ABORT_MS), retryTimeoutMs: ABORT_MS });

/**
 * Removes what is never visible. What a store that does not answer keeps is found by `petit cleanup`.
 * @param {() => Promise<unknown>} work
 */
const abandon = (work) => work().catch(() => {});
