import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findOwnUploads, UploadMarker } from '../../pkg-scripts/sinks/store/marker.js';

/** The keys of markers that a run makes for uploads. */
async function markerOf(/** @type {string} */ key, /** @type {string} */ uploadId) {
  /** @type {string[]} */
  const keys = [];
  const startUpload = async (/** @type {string} */ name) => {
    keys.push(name);
    return { key: name, uploadId: 'marker', abort: async () => true };
  };
  const store = /** @type {any} */ ({ startUpload });
  const marker = await UploadMarker.create(store, /** @type {any} */ ({ key, uploadId }));
  return { name: keys[0] ?? '', marker };
}

describe('an unfinished upload', () => {
  const initiated = new Date().toISOString();
  const upload = { key: 'a/x.parquet', uploadId: 'one', initiated };

  it('is petit’s only if a marker proves it, by its key and id', async () => {
    const { name, marker } = await markerOf('a/x.parquet', 'one');
    const own = { key: name, uploadId: 'm', initiated };
    const find = (/** @type {typeof upload[]} */ ...uploads) =>
      findOwnUploads(uploads, Date.now()).map(({ upload }) => upload.uploadId);
    assert.deepEqual(find(upload), []);
    assert.deepEqual(find(upload, own), ['one']);
    assert.deepEqual(find({ ...upload, uploadId: 'two' }, own), ['m'], 'a marker whose upload has ended');
    assert.deepEqual(find({ ...upload, key: 'b' }, own), ['m']);
    assert.deepEqual(find(upload, { ...own, key: name.replace('a/x', 'a/y') }), []);
    assert.deepEqual(find(upload, { ...own, key: 'a/x.parquet.petit-upload' }), []);
    await marker.remove();
  });

  it('is live as long as this process writes it', async () => {
    const { name, marker } = await markerOf('a/x.parquet', 'one');
    const isLive = () =>
      findOwnUploads([upload, { key: name, uploadId: 'm', initiated }], Date.now()).map(({ live }) => live);
    assert.deepEqual(isLive(), [true]);
    await marker.remove();
    assert.deepEqual(isLive(), [false]);
  });
});
