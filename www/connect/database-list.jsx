import { useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { plural } from '../components/plural.js';
import { matchesSearch, SearchField } from '../components/search-field.jsx';

/** @import { AccountCheck } from '../../pkg-scripts/types.js' */

/** Limits the size of the document. */
const MAX_LISTED = 200;
/** More databases than this get a filter. */
const FILTER_THRESHOLD = 8;

/** The databases that a key can see.
 * @param {Pick<AccountCheck, 'databases'>} props */
export function DatabaseList({ databases }) {
  const [search, setSearch] = useState('');
  const matches = databases.filter(({ name }) => matchesSearch(name, search));
  if (databases.length === 0) return <p class="muted small">No databases yet.</p>;
  return (
    <div class="databases">
      <div class="row spread">
        <h3>{plural(databases.length, 'database')}</h3>
        {databases.length > FILTER_THRESHOLD && (
          <SearchField
            className="databases-filter"
            label="Filter the databases"
            placeholder="Filter"
            value={search}
            onInput={setSearch}
          />
        )}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <ul class="databases-list" tabIndex={0} aria-label="Databases">
        {matches.slice(0, MAX_LISTED).map((database) => (
          <li key={database.name}>
            <span class="truncate">{database.name}</span>
            <span class="muted small truncate">{details(database)}</span>
          </li>
        ))}
        {matches.length > MAX_LISTED && (
          <li class="muted small">and {count(matches.length - MAX_LISTED)} more</li>
        )}
      </ul>
    </div>
  );
}

/** @param {AccountCheck['databases'][number]} database */
const details = ({ count: rows, permission }) =>
  [rows !== undefined && `${count(rows)} rows`, permission?.replaceAll('_', ' ')].filter(Boolean).join(' · ');
