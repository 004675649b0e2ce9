import { useState } from 'preact/hooks';
import { CloneView } from './clone/clone-view.jsx';
import { explain, takeRecord } from './clone/record.js';
import { Button } from './components/button.jsx';
import { Icon, Mark } from './components/icon.jsx';
import { Alert } from './components/signs.jsx';
import { destination, source } from './connect/accounts.js';
import { ConnectView } from './connect/connect-view.jsx';
import { ExportView } from './export/export-view.jsx';
import { explainExport, takeExportRecord } from './export/record.js';
import { VIEWS, view } from './navigation.js';

/** @import { View } from './navigation.js' */

/** @type {Record<View, { title: string, show: () => import('preact').JSX.Element }>} */
const ABOUT = {
  connect: { title: 'Connect', show: ConnectView },
  clone: { title: 'Clone', show: CloneView },
  export: { title: 'Export', show: ExportView },
};

/** The whole page. */
export function App() {
  const Shown = ABOUT[view.value].show;
  return (
    <div class="shell">
      <header class="header">
        <div class="header-row">
          <div class="brand">
            <Mark />
            <span>petit</span>
          </div>
          <Tabs />
          <Accounts />
        </div>
      </header>
      <main class="main">
        <Earlier />
        <div class="panel" id={`view-${view.value}`} role="tabpanel" aria-labelledby={`tab-${view.value}`}>
          <Shown />
        </div>
      </main>
    </div>
  );
}

/** Who is connected. */
function Accounts() {
  const names = [source, destination].map(({ found }) => {
    const { user, accountId, endpoint } = found.value ?? {};
    return user?.name ?? (accountId ? `account ${accountId}` : endpoint);
  });
  if (!names[0] && !names[1]) return null;
  return (
    <p class="header-end row small soft">
      <span class="cut">{names[0] ?? 'no source'}</span>
      <Icon name="arrow" />
      <span class="cut">{names[1] ?? 'no destination'}</span>
    </p>
  );
}

/** What became of a run that a reload ended. */
function Earlier() {
  const [told, setTold] = useState(earlierRuns);
  return told.map((run) => (
    <div key={run.title} class="earlier">
      <Alert tone={run.tone} title={run.title}>
        <p>{run.text}</p>
        <div class="row">
          <Button small onClick={() => setTold(told.filter((one) => one !== run))}>
            I have read it
          </Button>
        </div>
      </Alert>
    </div>
  ));
}

function earlierRuns() {
  const [clone, exported] = [takeRecord(), takeExportRecord()];
  return [...(clone ? [explain(clone)] : []), ...(exported ? [explainExport(exported)] : [])];
}

function Tabs() {
  const go = (/** @type {number} */ index) => {
    const name = VIEWS[(index + VIEWS.length) % VIEWS.length] ?? 'connect';
    view.value = name;
    document.getElementById(`tab-${name}`)?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const at = VIEWS.indexOf(view.value);
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: VIEWS.length - 1 };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  };
  return (
    <div class="tabs" role="tablist" aria-label="What to do" onKeyDown={onKeyDown}>
      {VIEWS.map((name) => (
        <button
          key={name}
          id={`tab-${name}`}
          class="tab"
          type="button"
          role="tab"
          aria-selected={view.value === name}
          aria-controls={`view-${name}`}
          tabIndex={view.value === name ? 0 : -1}
          onClick={() => {
            view.value = name;
          }}
        >
          {ABOUT[name].title}
        </button>
      ))}
    </div>
  );
}
