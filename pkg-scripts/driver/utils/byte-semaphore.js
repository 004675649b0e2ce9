/** Limits the bytes that all tables of a run hold in memory at a time. */
export class ByteSemaphore {
  #free;
  /** @type {(() => void)[]} */
  #waiting = [];

  /** @param {number} bytes */
  constructor(bytes) {
    this.#free = bytes;
  }

  /** One table's holdings: closing them returns what the table still holds, and ends its waits. */
  open() {
    let held = 0;
    let closed = false;
    return {
      /**
       * Waits until so many bytes are free and takes them. Returns false if the holdings were closed meanwhile.
       * @param {number} bytes at most the semaphore's total
       */
      acquire: async (bytes) => {
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
      /** @param {number} bytes that were acquired */
      release: (bytes) => {
        if (closed) return;
        held -= bytes;
        this.#release(bytes);
      },
      close: () => {
        closed = true;
        this.#release(held);
      },
    };
  }

  /** @param {number} bytes */
  #release(bytes) {
    this.#free += bytes;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
