import { isInstantiated, wasm } from '../wasm.js';
import { toJson } from './bigint-json.js';

/** Properties of an error that contain text. */
const TEXTS = ['message', 'stack', 'hint', 'database', 'table', 'job', 'part', 'column'];
/** Maximum length of the chain of causes that is followed. */
const MAX_CAUSES = 8;

/** What the core puts in place of a key. */
const REDACTED = '[API key]';

/** Removes API keys from what leaves petit. Gets the keys once, before the first call. */
export class Outlet {
  /** @type {Set<string>} */
  #keys = new Set();
  /** @type {InstanceType<typeof wasm.Redactor> | undefined} */
  #redactor;

  /** @param {string} key */
  hide(key) {
    this.#keys.add(key);
    this.#redactor?.free();
    this.#redactor = undefined;
  }

  /**
   * @param {string} text
   * @returns {string}
   */
  text(text) {
    return this.#getRedactor()?.redact(text) ?? text;
  }

  /**
   * Whether a text from a server has no part of a key, neither in itself nor before it was redacted.
   * @param {string} text
   */
  isClean(text) {
    return !text.includes(REDACTED) && this.#getRedactor()?.isClean(text) !== false;
  }

  /**
   * Plain data as JSON. Redacts its strings only, so that it stays JSON.
   * @param {object} data
   * @param {number} [indent]
   */
  json(data, indent) {
    const json = toJson(data, indent);
    return this.#getRedactor()?.isClean(json) === false ? toJson(this.data(data), indent) : json;
  }

  /**
   * Plain data without keys in its strings.
   * @template T
   * @param {T} data
   * @returns {T}
   */
  data(data) {
    if (!this.#getRedactor()) return data;
    return /** @type {T} */ (mapStrings(data, (text) => this.text(text)));
  }

  /**
   * Removes keys from the text of an error and of its causes.
   * @template T
   * @param {T} error
   * @returns {T}
   */
  error(error) {
    /** @type {unknown} */
    let current = error;
    for (let depth = 0; current instanceof Error && depth < MAX_CAUSES; depth += 1) {
      redactTexts(current, (text) => this.text(text));
      current = current.cause;
    }
    return error;
  }

  /** The redactor. None before the WebAssembly module is loaded: no text comes from a server then. */
  #getRedactor() {
    if (this.#keys.size === 0 || !isInstantiated()) return undefined;
    this.#redactor ??= new wasm.Redactor([...this.#keys]);
    return this.#redactor;
  }
}

/**
 * @param {Error} error
 * @param {(text: string) => string} redact
 */
function redactTexts(error, redact) {
  for (const name of TEXTS) {
    const text = Reflect.get(error, name);
    if (typeof text !== 'string') continue;
    const redacted = redact(text);
    if (redacted !== text) Reflect.set(error, name, redacted);
  }
}

/**
 * @param {unknown} value
 * @param {(text: string) => string} map
 * @returns {unknown}
 */
function mapStrings(value, map) {
  if (typeof value === 'string') return map(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  const plain = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value;
  if (typeof plain !== 'object') return mapStrings(plain, map);
  return Object.fromEntries(Object.entries(plain).map(([name, item]) => [map(name), mapStrings(item, map)]));
}
