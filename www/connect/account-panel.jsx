import { Badge } from '../components/badge.jsx';
import { Button } from '../components/button.jsx';
import { SelectField, TextField } from '../components/field.jsx';
import { ErrorAlert } from '../run/error-alert.jsx';
import { DatabaseList } from './database-list.jsx';
import { KeyField } from './key-field.jsx';
import { CUSTOM, consoleOf, SITE_OPTIONS, servedAccount } from './sites.js';

/** @import { AccountCheck } from '../../pkg-scripts/types.js' */
/** @import { AccountState, Connection } from './accounts.js' */

/** Titles of the permissions that a check reports. */
const PERMISSIONS = /** @type {const} */ ([
  ['read', 'Read tables'],
  ['write', 'Write tables'],
]);

/**
 * The form for one account, and the result of its check.
 * @param {{ name: string, description: string, state: AccountState, copyFrom?: AccountState }} props
 */
export function AccountPanel({ name, description, state, copyFrom }) {
  return (
    <section class="card" aria-label={name}>
      <div>
        <div class="row spread account-head">
          <h2>{name}</h2>
          {copyFrom?.info.value && (
            <Button variant="quiet" small atEdge onClick={() => state.copy(copyFrom)}>
              Same account as the source
            </Button>
          )}
        </div>
        <p class="muted">{description}</p>
      </div>
      <AccountForm state={state} />
      <div class="account-status" role="status">
        <ConnectionStatus connection={state.connection.value} />
      </div>
    </section>
  );
}

/** @param {{ state: AccountState }} props */
function AccountForm({ state }) {
  const { site, customEndpoint, apikey, connection, canConnect } = state;
  const isConnected = connection.value.status === 'connected';
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (canConnect.value) state.connect();
      }}
    >
      <div class="account-fields">
        <SelectField
          label="Site"
          value={site.value}
          options={SITE_OPTIONS}
          onInput={(value) => state.change('site', value)}
        />
        {servedAccount(site.value) ? (
          <p class="hint account-served">The key stays in petit serve. The page does not have it.</p>
        ) : (
          <KeyField
            value={apikey.value}
            consoleUrl={consoleOf(site.value)}
            onInput={(value) => state.change('apikey', value)}
          />
        )}
        {site.value === CUSTOM && (
          <div class="account-endpoint">
            <TextField
              label="Endpoint"
              type="url"
              placeholder="https://api.example.com"
              hint="Base URL of an API host. The API key is sent only to this host."
              value={customEndpoint.value}
              onInput={(value) => state.change('customEndpoint', value)}
            />
          </div>
        )}
      </div>
      <div class="row">
        <Button
          submit
          variant={isConnected ? 'plain' : 'primary'}
          disabled={!canConnect.value}
          busy={connection.value.status === 'checking'}
          icon={isConnected ? 'again' : 'link'}
        >
          {isConnected ? 'Check again' : 'Connect'}
        </Button>
      </div>
    </form>
  );
}

/** @param {{ connection: Connection }} props */
function ConnectionStatus({ connection }) {
  if (connection.status === 'connected') return <Account info={connection.info} />;
  if (connection.status === 'failed') return <ErrorAlert title="Not connected" error={connection.error} />;
  const text = connection.status === 'checking' ? 'Checking the API key…' : 'Not connected yet.';
  return <p class="account-empty">{text}</p>;
}

/** @param {{ info: AccountCheck }} props */
function Account({ info }) {
  const { user, accountId, endpoint, permissions } = info;
  const names = [user?.name, user?.email].filter(Boolean);
  return (
    <div class="stack">
      <div class="account-user">
        <b>{names[0] ?? 'Connected'}</b>
        <span class="muted small">
          {[names[1], accountId && `account ${accountId}`].filter(Boolean).join(' · ')}
        </span>
        <span class="muted small">{endpoint}</span>
      </div>
      <ul class="row" aria-label="Permissions of the key">
        {PERMISSIONS.map(([permission, title]) => (
          <li key={permission}>
            <Badge tone={permissions.includes(permission) ? 'good' : 'warn'}>
              {permissions.includes(permission) ? `✓ ${title}` : `✗ ${title}: no permission found`}
            </Badge>
          </li>
        ))}
      </ul>
      <DatabaseList databases={info.databases} />
    </div>
  );
}
