import { Button } from '../components/button.jsx';
import { Icon } from '../components/icon.jsx';
import { view } from '../navigation.js';
import { AccountPanel } from './account-panel.jsx';
import { destination, source } from './accounts.js';

/** Where the two accounts are named, and asked who they are. */
export function ConnectView() {
  const isReady = source.found.value && destination.found.value;
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <h1>Connect your accounts</h1>
          <p>A clone reads from the source and writes to the destination. An export needs the source only.</p>
        </div>
      </div>
      <div class="accounts">
        <AccountPanel name="Source" about="Tables are read from here. Nothing is changed." state={source} />
        <span class="accounts-arrow">
          <Icon name="arrow" />
        </span>
        <AccountPanel
          name="Destination"
          about="Copies are written here."
          state={destination}
          copyFrom={source}
        />
      </div>
      <div class="action-bar">
        <p class="small soft" role="status">
          {readiness()}
        </p>
        <div class="row">
          {source.found.value && !isReady && (
            <Button
              onClick={() => {
                view.value = 'export';
              }}
            >
              Export tables
            </Button>
          )}
          <Button
            kind="main"
            disabled={!isReady}
            onClick={() => {
              view.value = 'clone';
            }}
          >
            Clone a database
          </Button>
        </div>
      </div>
    </div>
  );
}

function readiness() {
  if (!source.found.value) return 'API keys stay in the memory of this page; a reload forgets them.';
  if (!destination.found.value) return 'The source is connected. Connect a destination to clone into.';
  return 'Both accounts are connected.';
}
