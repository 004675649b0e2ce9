import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { SITES } from '../../pkg-scripts/shared/sites.js';
import { Button } from '../components/button.jsx';
import { SelectField, TextField } from '../components/field.jsx';
import { Alert, Badge } from '../components/signs.jsx';
import { extraEndpoints } from '../relay.js';
import { hintOf } from '../run/hints.js';
import { CUSTOM } from './accounts.js';

/** @import { AccountCheck } from '../../pkg-scripts/types.js' */
/** @import { AccountState, Knowledge } from './accounts.js' */

const SITE_OPTIONS = [
  ...SITES.map(({ names, title }) => ({ value: names[0], title: `${title} (${names[0]})` })),
  ...extraEndpoints.map((endpoint) => ({ value: endpoint, title: endpoint })),
  { value: CUSTOM, title: 'Custom endpoint…' },
];

/** What a right is good for. */
const RIGHTS = /** @type {const} */ ([
  ['read', 'Read tables'],
  ['write', 'Write tables'],
]);

/**
 * One account: where it lives, its key, and what became known by asking.
 * @param {{ name: string, about: string, state: AccountState, copyFrom?: AccountState }} props
 */
export function AccountPanel({ name, about, state, copyFrom }) {
  const { site, customEndpoint, apikey, knowledge, canAsk } = state;
  const isKnown = knowledge.value.is === 'known';
  return (
    <section class="card" aria-label={name}>
      <div>
        <div class="row spread account-head">
          <h2>{name}</h2>
          {copyFrom?.found.value && (
            <Button kind="quiet" small atEdge onClick={() => state.copy(copyFrom)}>
              Same account as the source
            </Button>
          )}
        </div>
        <p class="soft">{about}</p>
      </div>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (canAsk.value) state.check();
        }}
      >
        <div class="account-fields">
          <SelectField
            label="Site"
            value={site.value}
            options={SITE_OPTIONS}
            onInput={(value) => state.change('site', value)}
          />
          <TextField
            label="API key"
            type="password"
            value={apikey.value}
            onInput={(value) => state.change('apikey', value)}
          />
          {site.value === CUSTOM && (
            <div class="account-endpoint">
              <TextField
                label="Endpoint"
                type="url"
                placeholder="https://api.example.com"
                hint="Base URL of an API host. The key goes to nobody else."
                value={customEndpoint.value}
                onInput={(value) => state.change('customEndpoint', value)}
              />
            </div>
          )}
        </div>
        <div class="row">
          <Button
            submit
            kind={isKnown ? 'plain' : 'main'}
            disabled={!canAsk.value}
            busy={knowledge.value.is === 'asking'}
            icon={isKnown ? 'again' : 'link'}
          >
            {isKnown ? 'Check again' : 'Connect'}
          </Button>
        </div>
      </form>
      <div class="account-known" role="status">
        <Known knowledge={knowledge.value} />
      </div>
    </section>
  );
}

/** @param {{ knowledge: Knowledge }} props */
function Known({ knowledge }) {
  if (knowledge.is === 'known') return <Account found={knowledge.found} />;
  if (knowledge.is === 'failed') {
    const { message } = knowledge.trouble;
    return (
      <Alert tone="bad" title="Not connected">
        <p>{message}</p>
        <p>{hintOf(knowledge.trouble)}</p>
      </Alert>
    );
  }
  const text = knowledge.is === 'asking' ? 'Asking who this key belongs to…' : 'Not connected yet.';
  return <p class="account-none">{text}</p>;
}

/** @param {{ found: AccountCheck }} props */
function Account({ found }) {
  const { user, accountId, endpoint, may } = found;
  const who = [user?.name, user?.email].filter(Boolean);
  return (
    <div class="stack">
      <div class="account-who">
        <b>{who[0] ?? 'Connected'}</b>
        <span class="soft small">
          {[who[1], accountId && `account ${accountId}`].filter(Boolean).join(' · ')}
        </span>
        <span class="soft small">{endpoint}</span>
      </div>
      <ul class="row" aria-label="What the key may do">
        {RIGHTS.map(([right, title]) => (
          <li key={right}>
            <Badge tone={may.includes(right) ? 'good' : 'warn'}>
              {may.includes(right) ? `✓ ${title}` : `✗ ${title}: no right seen`}
            </Badge>
          </li>
        ))}
      </ul>
      <Databases databases={found.databases} />
    </div>
  );
}

/** Most databases that are listed at a time. */
const MOST_LISTED = 200;

/** @param {Pick<AccountCheck, 'databases'>} props */
function Databases({ databases }) {
  const [wanted, setWanted] = useState('');
  const found = databases.filter(({ name }) => name.includes(wanted.trim().toLowerCase()));
  const isMany = databases.length > 8;
  if (databases.length === 0) return <p class="soft small">No databases yet.</p>;
  return (
    <div class="databases">
      <div class="row spread">
        <h3>
          {count(databases.length)} {databases.length === 1 ? 'database' : 'databases'}
        </h3>
        {isMany && (
          <input
            class="input databases-filter"
            type="search"
            aria-label="Filter the databases"
            placeholder="Filter"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so must the keyboard */}
      <ul class="databases-list" tabIndex={0} aria-label="Databases">
        {found.slice(0, MOST_LISTED).map(({ name, count: rows, permission }) => (
          <li key={name}>
            <span class="cut">{name}</span>
            <span class="soft small cut">
              {[rows !== undefined && `${count(rows)} rows`, permission?.replaceAll('_', ' ')]
                .filter(Boolean)
                .join(' · ')}
            </span>
          </li>
        ))}
        {found.length > MOST_LISTED && (
          <li class="soft small">and {count(found.length - MOST_LISTED)} more</li>
        )}
      </ul>
    </div>
  );
}
