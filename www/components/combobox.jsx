import { useId, useRef, useState } from 'preact/hooks';
import { Field } from './field.jsx';
import { matchesSearch } from './search-field.jsx';

/** Limits the size of the document: a list of thousands of options would be slow. */
const MAX_OPTIONS = 100;
/** Options that Page Up and Page Down skip. */
const PAGE_SIZE = 8;

/** @typedef {{ value: string, note?: string }} Option */

/**
 * A text field with a list of options. Typing filters the list.
 * @param {{ label: string, hint?: string, value: string, options: Option[], onSelect: (value: string) => void,
 *   placeholder?: string, disabled?: boolean }} props
 */
export function Combobox({ label, hint, value, options, onSelect, placeholder, disabled }) {
  const listId = useId();
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  /** The search text; undefined while the list is closed. */
  const [search, setSearch] = useState(/** @type {string | undefined} */ (undefined));
  const [active, setActive] = useState(0);
  const isOpen = search !== undefined;
  const matches = isOpen ? options.filter((option) => matchesSearch(option.value, search)) : [];
  const shown = matches.slice(0, MAX_OPTIONS);

  const open = (/** @type {string} */ text) => {
    setSearch(text);
    setActive(0);
  };
  const close = () => setSearch(undefined);
  const select = (/** @type {Option | undefined} */ option) => {
    if (option) onSelect(option.value);
    close();
  };
  const move = (/** @type {number} */ to) => {
    const index = Math.max(0, Math.min(shown.length - 1, to));
    setActive(index);
    list.current?.children[index]?.scrollIntoView({ block: 'nearest' });
  };
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowDown: () => (isOpen ? move(active + 1) : open('')),
    ArrowUp: () => move(active - 1),
    PageDown: () => move(active + PAGE_SIZE),
    PageUp: () => move(active - PAGE_SIZE),
    Enter: () => isOpen && select(shown[active]),
    Escape: close,
  };

  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <div class="combobox">
          <input
            {...control}
            class="input"
            role="combobox"
            aria-expanded={isOpen}
            aria-controls={listId}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && shown.length > 0 ? `${listId}-${active}` : undefined}
            value={search ?? value}
            placeholder={isOpen && value ? value : placeholder}
            disabled={disabled}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) => open(currentTarget.value)}
            onClick={() => isOpen || open('')}
            onBlur={close}
            onKeyDown={(event) => {
              const handler = keys[event.key];
              if (!handler || (event.key === 'Escape' && !isOpen)) return;
              event.preventDefault();
              handler();
            }}
          />
          <div class="options" hidden={!isOpen}>
            <div id={listId} role="listbox" aria-label={label} ref={list}>
              {shown.map((option, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the text field handles the keys
                // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field
                <div
                  key={option.value}
                  id={`${listId}-${index}`}
                  class="option"
                  role="option"
                  aria-selected={index === active}
                  // Otherwise the text field loses the focus and the list closes before the click.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => select(option)}
                >
                  <span class="truncate">{option.value}</span>
                  <small>{option.note}</small>
                </div>
              ))}
            </div>
            <p class="options-note" role="status">
              {summary(matches.length, shown.length)}
            </p>
          </div>
        </div>
      )}
    </Field>
  );
}

/**
 * @param {number} matches
 * @param {number} shown
 */
function summary(matches, shown) {
  if (matches === 0) return 'No match.';
  if (matches > shown) return `Showing ${shown} of ${matches}. Type more to narrow the list.`;
  return '';
}
