// npm run record: docs/images/terminal.svg, a recording of real runs in a terminal, with their real times.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { ROOT } from './blocks.js';
import { drawing } from './drawing.js';
import { Here } from './env.js';

/** @import { Screen } from './drawing.js' */

const COMMANDS = [
  'petit clone-db shop --new-db shop_copy --dest-site aws-tokyo',
  'petit td2parquet shop orders customers',
];
const TERMINAL = fileURLToPath(new URL('../support/terminal.py', import.meta.url));
const SVG = join(ROOT, 'docs/images/terminal.svg');
const SEED = new URL('../emulator/seed.json', import.meta.url);
/** As many rows as make a run worth watching. */
const ROWS = 400_000;
/** TD's jobs never start at once. */
const DELAYS = { queued: 300, booting: 100, running: 300, final: 0 };
const [COLUMNS, LINES] = [120, 40];
/** Times in milliseconds: how often a screen is drawn at most, how long one looks at a command and at its end. */
const [FRAME, BEFORE, AFTER] = [120, 900, 2500];

/** The emulator's sample, with large tables. @type {import('../emulator/seed.js').Seed} */
const seed = JSON.parse(readFileSync(SEED, 'utf8'));
for (const { databases = [] } of seed.accounts) {
  for (const { generate } of databases.flatMap(({ tables = [] }) => tables))
    if (generate) generate.rows = ROWS;
}

const here = new Here();
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: LINES, allowProposedApi: true });
/** @param {string} text */
const write = (text) => new Promise((resolve) => terminal.write(text, () => resolve(undefined)));

/** @returns {string[]} */
function lines() {
  const { active } = terminal.buffer;
  const texts = Array.from(
    { length: active.length },
    (_, at) => active.getLine(at)?.translateToString(true) ?? '',
  );
  return texts.slice(0, texts.findLastIndex((text) => text !== '') + 1);
}

try {
  await here.start({ seed, delays: DELAYS });
  /** @type {Screen[]} */
  const screens = [];
  let now = 0;
  for (const command of COMMANDS) {
    await write(`$ ${command}\r\n`);
    screens.push({ at: now, lines: lines() });
    now += BEFORE;
    const { code, output } = await here.run(['python3', TERMINAL, 'WATCH', '', ...command.split(' ')]);
    if (code !== 0) throw new Error(output);
    /** @type {{ code: number, pieces: [number, string][] }} */
    const run = JSON.parse(output);
    if (run.code !== 0) throw new Error(run.pieces.map(([, text]) => text).join(''));
    for (const [seconds, text] of run.pieces) {
      await write(text);
      const at = now + seconds * 1000;
      // Later screens of one frame take the place of earlier ones.
      if (at - (screens.at(-1)?.at ?? 0) >= FRAME) screens.push({ at, lines: lines() });
      else screens.splice(-1, 1, { at: screens.at(-1)?.at ?? at, lines: lines() });
    }
    now += (run.pieces.at(-1)?.[0] ?? 0) * 1000 + AFTER;
    await write('\r\n');
  }
  const svg = drawing(screens, now, `A recording: ${COMMANDS.join('; ')}`);
  writeFileSync(SVG, svg);
  console.log(
    `docs/images/terminal.svg: ${svg.length} bytes, ${(now / 1000).toFixed(1)} s, ${screens.length} screens`,
  );
} finally {
  await here.close();
}
