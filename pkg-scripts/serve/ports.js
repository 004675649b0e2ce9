// The ports that `petit serve` remembers. A browser stores files per origin, that is, per port: only a page at the same port
// can delete what an earlier page has left.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Maximum number of remembered ports, and of random ports to try. */
const MAX_PORTS = 4;
/** Random ports come from this range. Systems take no ports for outgoing connections from it. */
const RANGE = { first: 20_000, count: 12_000 };

/**
 * The ports to try, in order: the remembered ones, some random ones, and any free port.
 * @param {number[]} remembered
 * @param {() => number} random returns a number from 0 to below 1
 */
export function portsToTry(remembered, random) {
  const others = Array.from({ length: MAX_PORTS }, () => RANGE.first + Math.floor(random() * RANGE.count));
  return [...remembered, ...others, 0];
}

/**
 * The ports to remember after a start at `port`. The first one stays the first: the page returns to it.
 * @param {number[]} remembered
 * @param {number} port
 */
export function withPort(remembered, port) {
  return remembered.includes(port) ? remembered : [...remembered, port].slice(0, MAX_PORTS);
}

/**
 * What the user should know about the port.
 * @param {number[]} remembered
 * @param {number} port
 * @returns {string[]}
 */
export function portNotes([preferred], port) {
  if (preferred === undefined || preferred === port) return [];
  return [
    `Port ${preferred} is in use, so the page is at port ${port} this time. Files that a page at port ${preferred} left in the browser are deleted when that port is free at a later start.`,
  ];
}

/**
 * Reads the remembered ports; none if the file is missing or has other contents.
 * @param {string} file
 * @returns {Promise<number[]>}
 */
export async function readPorts(file) {
  try {
    const { ports } = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(ports) ? ports.filter(isPort).slice(0, MAX_PORTS) : [];
  } catch {
    return []; // A new port is remembered then.
  }
}

/**
 * @param {string} file
 * @param {number[]} ports
 */
export async function writePorts(file, ports) {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.${process.pid}`;
  await writeFile(partial, `${JSON.stringify({ ports })}\n`, { mode: 0o600 });
  await rename(partial, file);
}

/** @param {unknown} value */
const isPort = (value) => Number.isInteger(value) && Number(value) >= 1024 && Number(value) < 2 ** 16;
