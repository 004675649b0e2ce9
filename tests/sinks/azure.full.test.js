import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { instantiate } from '../../pkg-scripts/driver/wasm.js';
import { platform } from '../../pkg-scripts/platform/node.js';
import { AzureSigner, findAccount } from '../../pkg-scripts/sinks/store/az/signer.js';
import { AzureStore } from '../../pkg-scripts/sinks/store/az/store.js';
import { openObject } from '../../pkg-scripts/sinks/store/object.js';
import { StoreTransport } from '../../pkg-scripts/sinks/store/transport.js';
import { startAzurite } from '../support/azurite.js';
import { bytesOf, closeAndCommit, fill, sinkTests } from './conformance.js';

// Blobs of Azure, judged by Microsoft's emulator.

/** @type {Awaited<ReturnType<typeof startAzurite>>} */
let azurite;
/** @type {StoreTransport} */
let container;
let count = 0;
const keyOf = (/** @type {string} */ url) => url.slice('az://bucket/'.length);
const newPath = () => {
  count += 1;
  return `az://bucket/file ${count}+é`;
};

before(async () => {
  await instantiate(await platform.loadWasm());
  azurite = await startAzurite();
  Object.assign(process.env, azurite.env);
  container = new StoreTransport(new AzureSigner(findAccount(azurite.env, {}), 'bucket'), {});
  await container.send('az://bucket', { method: 'PUT', query: { restype: 'container' } });
});
after(() => azurite?.close());

/** @param {string} url */
async function read(url) {
  const request = { method: 'GET', key: keyOf(url) };
  const { status, bytes } = await container.send(url, request, { expected: [404] });
  return status === 404 ? undefined : bytes;
}

/** @param {string} url @param {Uint8Array} body */
async function put(url, body) {
  const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/octet-stream' };
  await container.send(url, { method: 'PUT', key: keyOf(url), headers, body });
}

describe('a blob of Azure', () => {
  for (const { title, run } of sinkTests({ openSink: openObject, newPath, read, put })) it(title, run);

  it('of an upload whose blocks another upload has replaced is an error, and not replaced', async () => {
    const url = newPath();
    const sink = await openObject(url, { overwrite: true });
    await fill(sink, bytesOf(5));
    await sink.writable.close();
    const other = await openObject(url, { overwrite: true });
    await fill(other, bytesOf(3));
    await closeAndCommit(other);
    await assert.rejects(
      async () => sink.commit?.(),
      (/** @type {any} */ error) => error.code === 'partial_write',
    );
    assert.deepEqual(await read(url), bytesOf(3));
  });

  it('is listed, read in ranges while it is the same, and deleted', async () => {
    const store = await AzureStore.open('bucket', {}, process.env);
    const sink = await openObject('az://bucket/listed/a b', { overwrite: false });
    await fill(sink, bytesOf(100));
    await closeAndCommit(sink);
    for await (const { key, bytes } of store.list('listed/'))
      assert.deepEqual([key, bytes], ['listed/a b', '100']);
    const found = await store.head('listed/a b');
    assert.ok(typeof found === 'object');
    assert.deepEqual(await store.range('listed/a b', 10, 20, found.etag), bytesOf(100).slice(10, 20));
    await put('az://bucket/listed/a b', bytesOf(100));
    assert.equal(await store.range('listed/a b', 10, 20, found.etag), undefined);
    const again = await store.put('listed/a b', 'text', { mark: 'x', ifAbsent: true });
    assert.equal(again, undefined);
    await store.remove('listed/a b');
    assert.equal(await store.head('listed/a b'), 'absent');
  });
});
