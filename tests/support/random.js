/** Pseudo-random numbers that are the same for the same seed (mulberry32). */
export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed | 0;
  }

  /** From 0 (inclusive) to 1 (exclusive). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to `end` (exclusive). @param {number} end */
  below(end) {
    return Math.floor(this.next() * end);
  }

  /** @param {number} probability */
  chance(probability) {
    return this.next() < probability;
  }

  /** @template T @param {readonly T[]} items @returns {T} */
  choose(items) {
    return /** @type {T} */ (items[this.below(items.length)]);
  }

  /** An integer of at most `bits` bits with sign, often a small one or an extreme. @param {number} bits */
  integer(bits) {
    const limit = 1n << BigInt(bits - 1);
    const kind = this.below(4);
    if (kind === 0) return BigInt(this.below(200) - 100) % limit;
    if (kind === 1) return this.choose([limit - 1n, -limit, 0n, -1n]);
    const random = (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32));
    const shifted = random >> BigInt(64 - bits + this.below(bits - 1));
    return BigInt.asIntN(bits, shifted);
  }

  bytes(/** @type {number} */ length) {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Text of up to `length` characters of several scripts. @param {number} length */
  text(length) {
    const characters = [...'abc 019_"\\\n\u0000é日本🦀\u2028'];
    return Array.from({ length: this.below(length + 1) }, () => this.choose(characters)).join('');
  }
}
