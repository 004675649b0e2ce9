import { PetitError } from '../../driver/errors.js';
import { toJson } from '../../driver/utils/bigint-json.js';
import { mapOrAbort } from '../../driver/utils/map-or-abort.js';
import { filePath, parseManifest, partOfPath, WRITER } from '../disk/manifest.js';
import { objectExists } from './errors.js';
import { journaledFiles, ObjectJournal } from './journal.js';
import { PendingObject } from './object.js';
import { openStore } from './open-store.js';

/** @import { Folder, FolderSink, SinkContext } from '../../types.js' */
/** @import { Store } from './store.js' */

/** Objects that appear at a time. */
const MAX_PARALLEL = 8;

/**
 * Opens a folder of files in a store. Its objects appear when it is published: one by one, and the manifest last.
 * @param {string} url
 * @param {{ overwrite: boolean, isSet: boolean } & SinkContext} options
 * @returns {Promise<Folder>}
 */
export async function openObjectFolder(url, { overwrite, isSet, ...context }) {
  const { store, key } = await openStore(url, context);
  const folder = new ObjectFolder(store, key, { overwrite, isSet, context });
  await folder.throwIfExists();
  return folder;
}

/** The key of a folder's manifest, beside the folder. @param {string} folder */
export const manifestKey = (folder) => `${folder}.manifest.json`;

/**
 * What is in a folder, as paths within it.
 * @param {Store} store
 * @param {string} key of the folder
 */
export async function readFolder(store, key) {
  const manifest = await readManifest(store, key);
  /** @type {string[]} */
  const existing = [];
  for await (const object of store.list(`${key}/`)) existing.push(object.key.slice(key.length + 1));
  return {
    listed: manifest?.files,
    text: manifest?.text,
    unfinished: await journaledFiles(store, key),
    existing,
  };
}

/**
 * @param {Store} store
 * @param {string} key of the folder
 */
async function readManifest(store, key) {
  const found = await store.get(manifestKey(key));
  return found && { ...found, files: parseManifest(store.url(manifestKey(key)), found.text) };
}

/** @implements {Folder} */
class ObjectFolder {
  #store;
  #key;
  #overwrite;
  #isSet;
  #context;
  /** @type {Map<string, PendingObject>} by path within the folder */
  #objects = new Map();

  /**
   * @param {Store} store
   * @param {string} key
   * @param {{ overwrite: boolean, isSet: boolean, context: SinkContext }} options
   */
  constructor(store, key, { overwrite, isSet, context }) {
    this.#store = store;
    this.#key = key;
    this.#overwrite = overwrite;
    this.#isSet = isSet;
    this.#context = context;
  }

  /** An earlier export is replaced only on request. */
  async throwIfExists() {
    const manifest = await readManifest(this.#store, this.#key);
    if (manifest && !this.#overwrite) throw objectExists(this.#url(manifestKey(this.#key)));
    return manifest;
  }

  /** @param {string[]} parts folders within the folder */
  async checkParts(parts) {
    const { listed = [], unfinished, existing } = await readFolder(this.#store, this.#key);
    this.#throwIfTaken(parts, existing, new Set([...listed, ...unfinished]));
  }

  /** @param {string} part folder within the folder @param {number} index @returns {Promise<FolderSink>} */
  async openSink(part, index) {
    const name = filePath(part, index);
    const object = await PendingObject.start(this.#store, `${this.#key}/${name}`, this.#context, {
      isHashed: true,
      condition: 'unchanged',
    });
    this.#objects.set(name, object);
    return { writable: object.writable, path: name, sha256: () => object.sha256() };
  }

  /**
   * @param {object} manifest
   * @param {string[]} [keptPaths] listed objects that stay as they are
   */
  async publish(manifest, keptPaths = []) {
    const paths = [...this.#objects.keys()];
    const journal = await ObjectJournal.open(this.#store, this.#key);
    try {
      const old = await this.throwIfExists();
      const { existing } = await readFolder(this.#store, this.#key);
      const own = new Set([...(old?.files ?? []), ...journal.abandonedFiles]);
      this.#throwIfTaken(paths.map(partOfPath), existing, own);
      const kept = new Set([...paths, ...keptPaths]);
      const gone = [...own].filter((path) => !kept.has(path));
      await journal.write([...paths, ...gone]);
      await this.#commitAll(own);
      await this.#writeManifest(manifest, journal.id, old?.etag);
      for (const path of gone) await this.#store.remove(`${this.#key}/${path}`);
      await journal.close();
    } catch (error) {
      await journal.abandon();
      throw error;
    }
  }

  async discard() {
    for (const object of this.#objects.values()) await object.abort();
    this.#objects.clear();
  }

  /** @param {Set<string>} own objects that petit made, which it may replace */
  async #commitAll(own) {
    // Not interrupted: the next run would have to complete the folder.
    const { signal } = new AbortController();
    await mapOrAbort([...this.#objects], { concurrency: MAX_PARALLEL, signal }, async ([path, object]) => {
      await object.commit({ overwrite: own.has(path) });
      this.#objects.delete(path);
    });
  }

  /**
   * @param {object} manifest
   * @param {string} mark
   * @param {string | undefined} etag of the manifest that it replaces
   */
  async #writeManifest(manifest, mark, etag) {
    const key = manifestKey(this.#key);
    const text = `${toJson({ writer: WRITER, ...manifest }, 2)}\n`;
    const written = await this.#store.put(key, text, { mark, ifMatch: etag, ifAbsent: etag === undefined });
    if (written !== undefined) return;
    throw new PetitError('in_use', `another run has replaced ${this.#url(key)}`, {
      hint: 'Wait until the other run has ended, then run the same command again with --overwrite.',
    });
  }

  /**
   * @param {string[]} parts
   * @param {string[]} existing
   * @param {Set<string>} own
   */
  #throwIfTaken(parts, existing, own) {
    const taken = new Set(parts);
    // A part of several files is all of its folder.
    const isInTheWay = (/** @type {string} */ path) =>
      taken.has(partOfPath(path)) && (this.#isSet || path === filePath(partOfPath(path), 0));
    const conflict = existing.find((path) => isInTheWay(path) && !own.has(path));
    if (conflict === undefined) return;
    const [object, manifest] = [`${this.#key}/${conflict}`, manifestKey(this.#key)].map((key) =>
      this.#url(key),
    );
    throw new PetitError('path_conflict', `${object} exists, and the manifest ${manifest} does not list it`, {
      hint: 'Move the object away, or choose another folder. petit replaces only objects that it wrote.',
    });
  }

  /** @param {string} key */
  #url(key) {
    return this.#store.url(key);
  }
}
