import { Button } from '../components/button.jsx';
import { Icon } from '../components/icon.jsx';
import { view } from '../navigation.js';
import { AccountPanel } from './account-panel.jsx';
import { destination, source } from './accounts.js';

/** The view in which the user enters the two accounts and checks their keys. */
export function ConnectView() {
  const isReady = source.info.value && destination.info.value;
  return (
    <div class="view">
      <div class="view-head">
        <div>
          <h1>Connect your accounts</h1>
          <p>A clone reads from the source and writes to the destination. An export needs only the source.</p>
        </div>
      </div>
      <div class="accounts">
        <AccountPanel
          name="Source"
          description="petit reads tables from this account and does not change them."
          state={source}
        />
        <span class="accounts-arrow">
          <Icon name="arrow" />
        </span>
        <AccountPanel
          name="Destination"
          description="petit writes copies to this account."
          state={destination}
          copyFrom={source}
        />
      </div>
      <div class="action-bar">
        <p class="small muted" role="status">
          {statusText()}
        </p>
        <div class="row">
          {source.info.value && !isReady && (
            <Button
              onClick={() => {
                view.value = 'export';
              }}
            >
              Export tables
            </Button>
          )}
          <Button
            variant="primary"
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

function statusText() {
  if (!source.info.value) return 'The page keeps API keys only in memory. A reload deletes them.';
  if (!destination.info.value) return 'The source is connected. To clone, connect a destination.';
  return 'Both accounts are connected.';
}
