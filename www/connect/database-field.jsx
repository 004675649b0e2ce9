import { count } from '../../pkg-scripts/shared/format.js';
import { Combobox } from '../components/combobox.jsx';
import { source } from './accounts.js';

/** @import { Signal } from '@preact/signals' */

/**
 * Chooses a database of the source account.
 * @param {{ label: string, database: Signal<string> }} props
 */
export function DatabaseField({ label, database }) {
  const options = (source.info.value?.databases ?? []).map(({ name, count: rows }) => ({
    value: name,
    note: rows === undefined ? undefined : `${count(rows)} rows`,
  }));
  return (
    <Combobox
      label={label}
      placeholder="Type to search"
      value={database.value}
      options={options}
      onSelect={(name) => {
        database.value = name;
      }}
    />
  );
}
