/** @import { RunEvent } from '../../pkg-scripts/types.js' */

/** How long events are collected before they are sent, in milliseconds. */
const INTERVAL_MS = 100;

/**
 * Collects events and sends them together, so that the page renders a few times per second at most. Of consecutive
 * progress events of a table in one phase, only the latest is kept.
 */
export class EventBatch {
  /** @type {RunEvent[]} */
  #events = [];
  /** The index of each table's latest progress event. @type {Map<string, number>} */
  #latestIndex = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #send;

  /** @param {(events: RunEvent[]) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {RunEvent} event */
  add(event) {
    if (event.type === 'progress') {
      const index = this.#latestIndex.get(event.table);
      if (index !== undefined && isSuperseded(this.#events[index], event)) {
        this.#events[index] = event;
        return;
      }
      this.#latestIndex.set(event.table, this.#events.length);
    }
    this.#events.push(event);
    this.#timer ??= setTimeout(() => this.flush(), INTERVAL_MS);
  }

  /** Sends the collected events now. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#latestIndex.clear();
    this.#send(events);
  }
}

/**
 * Whether the newer progress event says all that the older one says.
 * @param {RunEvent | undefined} older
 * @param {Extract<RunEvent, { type: 'progress' }>} newer
 */
const isSuperseded = (older, newer) =>
  older?.type === 'progress' && older.phase === newer.phase && !older.waiting;
