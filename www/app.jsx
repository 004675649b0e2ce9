import { useState } from 'preact/hooks';
import { CloneView } from './clone/clone-view.jsx';
import { popCloneNotice } from './clone/record.js';
import { Alert } from './components/alert.jsx';
import { Button } from './components/button.jsx';
import { Icon, Logo } from './components/icon.jsx';
import { destination, source } from './connect/accounts.js';
import { ConnectView } from './connect/connect-view.jsx';
import { ExportView } from './export/export-view.jsx';
import { popExportNotice } from './export/record.js';
import { HelpButton } from './help.jsx';
import { VIEWS, view } from './navigation.js';
import { RelayNotice } from './relay-notice.jsx';

/** @import { View } from './navigation.js' */

/** @type {Record<View, { title: string, component: () => import('preact').JSX.Element }>} */
const TABS = {
  connect: { title: 'Connect', component: ConnectView },
  clone: { title: 'Clone', component: CloneView },
  export: { title: 'Export', component: ExportView },
};

/** The page: header, notices and the current view. */
export function App() {
  const Current = TABS[view.value].component;
  return (
    <div class="shell">
      <header class="header">
        <div class="header-row">
          <div class="brand">
            <Logo />
            <span>petit</span>
          </div>
          <Tabs />
          <div class="header-end row">
            <Accounts />
            <HelpButton />
          </div>
        </div>
      </header>
      <main class="main">
        <RelayNotice />
        <PreviousRuns />
        <div class="panel" id={`view-${view.value}`} role="tabpanel" aria-labelledby={`tab-${view.value}`}>
          <Current />
        </div>
      </main>
    </div>
  );
}

/** The names of the connected accounts. */
function Accounts() {
  const names = [source, destination].map(({ info }) => {
    const { user, accountId, endpoint } = info.value ?? {};
    return user?.name ?? (accountId ? `account ${accountId}` : endpoint);
  });
  if (!names[0] && !names[1]) return null;
  return (
    <p class="header-accounts row small muted">
      <span class="truncate">{names[0] ?? 'no source'}</span>
      <Icon name="arrow" />
      <span class="truncate">{names[1] ?? 'no destination'}</span>
    </p>
  );
}

/** Notices about runs before a reload. */
function PreviousRuns() {
  const [notices, setNotices] = useState(popNotices);
  return notices.map((notice) => (
    <div key={notice.title} class="notice">
      <Alert tone={notice.tone} title={notice.title}>
        <p>{notice.text}</p>
        <div class="row">
          <Button small onClick={() => setNotices(notices.filter((other) => other !== notice))}>
            Dismiss
          </Button>
        </div>
      </Alert>
    </div>
  ));
}

function popNotices() {
  return [popCloneNotice(), popExportNotice()].filter((notice) => notice !== undefined);
}

/** Tabs with the keyboard handling of the WAI-ARIA tabs pattern. */
function Tabs() {
  const select = (/** @type {number} */ index) => {
    const name = VIEWS[(index + VIEWS.length) % VIEWS.length] ?? 'connect';
    view.value = name;
    document.getElementById(`tab-${name}`)?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const current = VIEWS.indexOf(view.value);
    /** @type {Record<string, number>} */
    const moves = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: VIEWS.length - 1 };
    const target = moves[event.key];
    if (target === undefined) return;
    event.preventDefault();
    select(target);
  };
  return (
    <div class="tabs" role="tablist" aria-label="Views" onKeyDown={onKeyDown}>
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
          {TABS[name].title}
        </button>
      ))}
    </div>
  );
}
