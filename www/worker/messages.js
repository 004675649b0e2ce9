// The messages between the page and its worker: plain data, tagged with the id of the call.

/** @import { ErrorData, RunEvent } from '../../pkg-scripts/types.js' */

/**
 * From the page: starts or aborts call `id`.
 * @typedef {{ id: number, method: string, params: unknown } | { id: number, abort: true }} WorkerRequest
 */

/**
 * From the worker: events of call `id` while it runs, then its value or its error. The error of an aborted call has
 * the code `interrupted`.
 * @typedef {{ id: number, events: RunEvent[] } | { id: number, value: unknown } | { id: number, error: ErrorData }} WorkerResponse
 */

export {};
