// Checks the declared API against the entries: tsc fails if an export is missing, left over, or has another type.
import type * as declaredBrowser from '../../pkg-scripts/api.browser.js';
import type * as declaredNode from '../../pkg-scripts/api.node.js';
import * as browser from '../../pkg-scripts/browser.js';
import * as node from '../../pkg-scripts/node.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

node satisfies typeof declaredNode;
browser satisfies typeof declaredBrowser;
same<keyof typeof node, keyof typeof declaredNode>(true);
same<keyof typeof browser, keyof typeof declaredBrowser>(true);
