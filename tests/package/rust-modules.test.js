import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkModules, findCycle, installCargoModules } from '../../pkg-scripts/dev/rust-modules.js';
import { ROOT } from '../../pkg-scripts/dev/steps.js';
import { EXHAUSTIVE } from '../support/exhaustive.js';

/** The check of Rust modules finds cycles. `npm run test:full` checks the sources themselves. */

describe('the check of Rust modules', () => {
  it('finds a cycle in a graph', () => {
    const graph = 'digraph {\n "a" -> "a::b" [label="uses"];\n "a::b" -> "a::c";\n "a::c" -> "a::b";\n}';
    assert.match(findCycle(graph) ?? '', /^a::[bc], a::[bc]$/);
    assert.equal(findCycle(graph.replace('"a::c" -> "a::b"', '"a::c" -> "a::d"')), undefined);
  });

  it('finds a cycle in a crate', { skip: !EXHAUSTIVE }, async () => {
    await installCargoModules();
    const folder = mkdtempSync(join(tmpdir(), 'petit-modules-'));
    try {
      const files = execFileSync('git', ['ls-files', '*.rs', '*.toml', 'Cargo.lock'], {
        cwd: ROOT,
        encoding: 'utf8',
      });
      for (const file of files.trim().split('\n')) cpSync(join(ROOT, file), join(folder, file));
      writeFileSync(
        join(folder, 'src/text/one.rs'),
        'use crate::two::Two;\npub struct One(pub Option<Two>);\n',
      );
      writeFileSync(join(folder, 'src/text/two.rs'), 'use crate::one::One;\npub struct Two(pub Box<One>);\n');
      appendFileSync(join(folder, 'src/text/lib.rs'), 'mod one;\nmod two;\n');
      assert.throws(() => checkModules('petit-text', folder), /petit_text::(one|two), petit_text::(one|two)/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
