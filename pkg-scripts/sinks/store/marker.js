import { createHash, randomBytes } from 'node:crypto';
import { isWriterRunning, LEASE_MS, thisMachine } from '../disk/names.js';

/** @import { Store, Upload, UploadInfo } from './store.js' */

// A store lists an unfinished upload by its key and id alone, which do not say who began it. So each upload of petit has a
// marker: a second upload, without parts, that is never completed and so never visible. Its key contains a hash of the first
// one's key and id, which proves that petit began it, the process that writes it, and a hash of all that, by which a marker
// whose upload has ended is known as petit's.

const PATTERN = /^(.+)\.([0-9a-f]{8}-\d{1,10}-[0-9a-f]{12})-([0-9a-f]{16})-([0-9a-f]{16})\.petit-upload$/su;
/** How often a marker is replaced by a new one: its age tells whether its run is alive. */
const RENEW_MS = LEASE_MS / 4;

/** Ids of the uploads that this process is writing. @type {Set<string>} */
const liveUploads = new Set();

/** The marker of one upload, as long as it is written. */
export class UploadMarker {
  #store;
  #upload;
  /** @type {Upload | undefined} */
  #marker;
  #timer;
  /** @type {Promise<void>} */
  #renewing = Promise.resolve();

  /** @param {Store} store @param {Upload} upload @param {Upload} marker */
  constructor(store, upload, marker) {
    this.#store = store;
    this.#upload = upload;
    this.#marker = marker;
    liveUploads.add(upload.uploadId);
    this.#timer = setInterval(() => {
      this.#renewing = this.#renew();
    }, RENEW_MS);
    this.#timer.unref();
  }

  /** @param {Store} store @param {Upload} upload */
  static async create(store, upload) {
    return new UploadMarker(store, upload, await startMarker(store, upload));
  }

  /** @param {{ signal?: AbortSignal, retryTimeoutMs?: number }} [options] */
  async remove(options) {
    clearInterval(this.#timer);
    await this.#renewing;
    liveUploads.delete(this.#upload.uploadId);
    await this.#marker?.abort(options);
    this.#marker = undefined;
  }

  async #renew() {
    try {
      const marker = await startMarker(this.#store, this.#upload);
      await this.#marker?.abort();
      this.#marker = marker;
    } catch {
      // The next renewal repeats this; the marker is valid for several of them.
    }
  }
}

/** @param {Store} store @param {Upload} upload */
function startMarker(store, { key, uploadId }) {
  const writer = `${thisMachine()}-${process.pid}-${randomBytes(6).toString('hex')}`;
  const check = proof(key, writer, uploadId);
  const name = `${key}.${writer}-${check}-${proof(key, writer, check)}.petit-upload`;
  return store.startUpload(name, { mark: 'marker' });
}

/** @param {string[]} parts */
const proof = (...parts) => createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);

/**
 * An unfinished upload that petit began, with its markers. A marker whose upload has ended stands for itself.
 * @typedef {{ upload: UploadInfo, markers: UploadInfo[], live: boolean }} OwnUpload
 *
 * @typedef {{ info: UploadInfo, key: string, writer: string, check: string }} Marker
 */

/**
 * Finds the uploads that petit began, among all unfinished ones.
 * @param {UploadInfo[]} uploads
 * @param {number} now Unix milliseconds
 * @returns {OwnUpload[]}
 */
export function findOwnUploads(uploads, now) {
  /** @type {Map<string, Marker[]>} by key of the upload */
  const byKey = new Map();
  for (const marker of uploads.flatMap(parseMarker))
    byKey.set(marker.key, [...(byKey.get(marker.key) ?? []), marker]);
  const own = uploads.flatMap((upload) => {
    const { key, uploadId } = upload;
    const found = (byKey.get(key) ?? []).filter(
      ({ writer, check }) => check === proof(key, writer, uploadId),
    );
    return found.length === 0 ? [] : [{ upload, found }];
  });
  const matched = new Set(own.flatMap(({ found }) => found));
  const ended = [...byKey.values()].flat().filter((marker) => !matched.has(marker));
  const all = [...own, ...ended.map((marker) => ({ upload: marker.info, found: [marker] }))];
  return all.map(({ upload, found }) => ({
    upload,
    markers: found.map(({ info }) => info).filter((info) => info !== upload),
    live: found.some(({ info, writer }) => isLive(upload, writer, now - Date.parse(info.initiated))),
  }));
}

/** @param {UploadInfo} info @returns {Marker[]} none for any other upload */
function parseMarker(info) {
  const [, key = '', writer = '', check = '', self] = PATTERN.exec(info.key) ?? [];
  return self !== undefined && self === proof(key, writer, check) ? [{ info, key, writer, check }] : [];
}

/**
 * @param {UploadInfo} upload
 * @param {string} writer
 * @param {number} ageMs of the marker
 */
function isLive({ uploadId }, writer, ageMs) {
  if (liveUploads.has(uploadId)) return true;
  const [machine = '', pid = ''] = writer.split('-');
  if (machine === thisMachine() && Number(pid) === process.pid) return false;
  return isWriterRunning({ machine, pid: Number(pid) }, ageMs);
}
