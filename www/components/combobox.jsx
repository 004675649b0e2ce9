import { useId, useRef, useState } from 'preact/hooks';
import { Field } from './field.jsx';

/** Most options that are shown at a time. */
const MOST_OPTIONS = 100;

/** @typedef {{ value: string, note?: string }} Option */

/**
 * A choice among many, found by typing a part of it.
 * @param {{ label: string, hint?: string, value: string, options: Option[], onChoose: (value: string) => void,
 *   placeholder?: string, disabled?: boolean }} props
 */
export function Combobox({ label, hint, value, options, onChoose, placeholder, disabled }) {
  const listId = useId();
  const list = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined));
  const [active, setActive] = useState(0);
  const isOpen = typed !== undefined;
  const found = isOpen ? matching(options, typed) : [];
  const shown = found.slice(0, MOST_OPTIONS);

  const open = (/** @type {string} */ text) => {
    setTyped(text);
    setActive(0);
  };
  const close = () => setTyped(undefined);
  const choose = (/** @type {Option | undefined} */ option) => {
    if (option) onChoose(option.value);
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
    PageDown: () => move(active + 8),
    PageUp: () => move(active - 8),
    Enter: () => isOpen && choose(shown[active]),
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
            value={typed ?? value}
            placeholder={isOpen && value ? value : placeholder}
            disabled={disabled}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) => open(currentTarget.value)}
            onClick={() => isOpen || open('')}
            onBlur={close}
            onKeyDown={(event) => {
              const act = keys[event.key];
              if (!act || (event.key === 'Escape' && !isOpen)) return;
              event.preventDefault();
              act();
            }}
          />
          <div class="options" hidden={!isOpen}>
            <div id={listId} role="listbox" aria-label="Found" ref={list}>
              {shown.map((option, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard chooses from the text field
                // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the text field
                <div
                  key={option.value}
                  id={`${listId}-${index}`}
                  class="option"
                  role="option"
                  aria-selected={index === active}
                  // The text field would lose its focus, and the list be gone before the click.
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => choose(option)}
                >
                  <span class="cut">{option.value}</span>
                  <small>{option.note}</small>
                </div>
              ))}
            </div>
            <p class="options-note" role="status">
              {summary(found.length, shown.length)}
            </p>
          </div>
        </div>
      )}
    </Field>
  );
}

/**
 * @param {Option[]} options
 * @param {string} typed
 */
export function matching(options, typed) {
  const wanted = typed.trim().toLowerCase();
  return options.filter(({ value }) => value.toLowerCase().includes(wanted));
}

/**
 * @param {number} found
 * @param {number} shown
 */
function summary(found, shown) {
  if (found === 0) return 'None of that name.';
  if (found > shown) return `${shown} of ${found} shown; type more of the name to find the others.`;
  return '';
}
