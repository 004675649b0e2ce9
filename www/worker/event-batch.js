/** @import { RunEvent as Event } from '../../pkg-scripts/types.js' */

/** How often the page hears of events, in milliseconds. */
const INTERVAL_MS = 100;

/** Gathers events, so that the page is told a few times a second, of each table's progress only the latest. */
export class EventBatch {
  /** @type {Event[]} */
  #events = [];
  /** Where a table's latest progress is among them. @type {Map<string, number>} */
  #latest = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #send;

  /** @param {(events: Event[]) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {Event} event */
  add(event) {
    if (event.type === 'progress') {
      const at = this.#latest.get(event.table);
      const earlier = at === undefined ? undefined : this.#events[at];
      if (
        at !== undefined &&
        earlier?.type === 'progress' &&
        earlier.phase === event.phase &&
        !earlier.waiting
      ) {
        this.#events[at] = event;
        return;
      }
      this.#latest.set(event.table, this.#events.length);
    }
    this.#events.push(event);
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS);
  }

  /** Sends what there is. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#latest.clear();
    this.#send(events);
  }
}
