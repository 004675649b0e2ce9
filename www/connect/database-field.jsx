import { count } from '../../pkg-scripts/shared/format.js';
import { Combobox } from '../components/combobox.jsx';
import { source } from './accounts.js';

/** @import { Signal } from '@preact/signals' */

/**
 * Chooses a database of the source account.
 * @param {{ label: string, database: Signal<string>, onChange: () => void }} props `onChange` drops what belongs to the
 *   database that was chosen before
 */
export function DatabaseField({ label, database, onChange }) {
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
        if (name !== database.value) onChange();
        database.value = name;
      }}
    />
  );
}
