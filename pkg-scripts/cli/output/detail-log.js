import { Details, detailText } from './details.js';
import { escapeControlChars } from './sanitize.js';

/** @import { RunEvent } from '../../types.js' */
/** @import { Outlet } from '../../driver/utils/redact.js' */
/** @import { Detail } from './details.js' */
/** @import { LogFile } from './log-file.js' */

/** Where the detailed log goes: to stderr, to a file, or to both.
 * @typedef {{ isVerbose: boolean, file: LogFile | undefined }} DetailTargets */

/** The detailed log of a run. It has nothing that is not redacted. */
export class DetailLog {
  #outlet;
  #print;
  #details = new Details();
  /** @type {DetailTargets | undefined} */
  #targets;

  /**
   * @param {Outlet} outlet
   * @param {(text: string) => void} print
   */
  constructor(outlet, print) {
    this.#outlet = outlet;
    this.#print = print;
  }

  /** @param {DetailTargets} targets */
  start(targets) {
    this.#targets = targets;
  }

  /** @param {RunEvent} event */
  addEvent(event) {
    if (!this.#targets) return;
    for (const detail of this.#details.of(event)) this.add(detail);
  }

  /** @param {Detail} detail */
  add(detail) {
    if (!this.#targets) return;
    const { isVerbose, file } = this.#targets;
    if (isVerbose) this.#print(`debug: ${escapeControlChars(detailText(detail))}`);
    file?.append(escapeControlChars(this.#outlet.json({ time: new Date().toISOString(), ...detail })));
  }
}
