/** Memory that all tables of a run share: whoever wants some waits until there is enough. */
export class Room {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} bytes */
  constructor(bytes) {
    this.#free = bytes;
  }

  /** What one table holds of it. */
  share() {
    let held = 0;
    let closed = false;
    return {
      /**
       * Waits for room; false when the share was closed meanwhile.
       * @param {number} bytes at most the whole room
       */
      take: async (bytes) => {
        while (!closed && this.#free < bytes) {
          await new Promise((resolve) => {
            this.#waiting.push(() => resolve(undefined));
          });
        }
        if (closed) return false;
        held += bytes;
        this.#free -= bytes;
        return true;
      },
      /** @param {number} bytes that were taken */
      give: (bytes) => {
        if (closed) return;
        held -= bytes;
        this.#give(bytes);
      },
      /** Gives all back. */
      close: () => {
        closed = true;
        this.#give(held);
      },
    };
  }

  /** @param {number} bytes */
  #give(bytes) {
    this.#free += bytes;
    for (const look of this.#waiting.splice(0)) look();
  }
}
