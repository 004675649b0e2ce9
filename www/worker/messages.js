// What page and thread say to each other: plain, tagged messages.

/** @import { ErrorData, RunEvent as Event } from '../../pkg-scripts/types.js' */

/**
 * An error that crossed between threads. `interrupted`: somebody stopped the call.
 * @typedef {ErrorData} Trouble
 */

/**
 * What the page says: call `id` is to begin, or to stop.
 * @typedef {{ id: number, call: string, request: unknown } | { id: number, stop: true }} Order
 */

/**
 * What the thread says about call `id`: what happens meanwhile, and at last how it ended.
 * @typedef {{ id: number, events: Event[] } | { id: number, value: unknown } | { id: number, trouble: Trouble }} Answer
 */

export {};
