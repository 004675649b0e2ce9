import { useId } from 'preact/hooks';

/** @import { ComponentChildren } from 'preact' */

/**
 * Texts of a field. An error replaces the hint.
 * @typedef {{ label: string, hint?: ComponentChildren, error?: string }} FieldTexts
 */

/**
 * A label, a control and a hint or an error. `children` renders the control with the attributes that link them.
 * @param {FieldTexts & { children: (control: { id: string, 'aria-describedby'?: string, 'aria-invalid'?: boolean }) =>
 *   ComponentChildren }} props
 */
export function Field({ label, hint, error, children }) {
  const id = useId();
  const noteId = error || hint ? `${id}-note` : undefined;
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': noteId, 'aria-invalid': error ? true : undefined })}
      {noteId && (
        <p id={noteId} class={error ? 'field-error' : 'hint'}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

/**
 * @param {FieldTexts & { value: string, onInput: (value: string) => void, type?: 'text' | 'password' | 'url',
 *   placeholder?: string, disabled?: boolean, numeric?: boolean }} props
 */
export function TextField({ label, hint, error, value, onInput, type = 'text', ...rest }) {
  const { placeholder, disabled, numeric } = rest;
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <input
          {...control}
          class="input"
          type={/** @type {'text'} */ (type)}
          value={value}
          placeholder={placeholder}
          disabled={disabled}
          inputMode={numeric ? 'numeric' : undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
    </Field>
  );
}

/**
 * @param {FieldTexts & { value: string, onInput: (value: string) => void, options: { value: string, title: string }[],
 *   disabled?: boolean }} props
 */
export function SelectField({ label, hint, error, value, onInput, options, disabled }) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <select
          {...control}
          class="input"
          value={value}
          disabled={disabled}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/**
 * Radio buttons, each in a card with a title and an explanation. With `compact`, only the explanation of the chosen one takes
 * space.
 * @template {string} V
 * @param {{ legend: string, value: V, onInput: (value: V) => void, disabled?: boolean, compact?: boolean,
 *   options: { value: V, title: string, text: string }[] }} props
 */
export function RadioCards({ legend, value, onInput, options, disabled, compact = false }) {
  const name = useId();
  return (
    <fieldset class="radio-cards" disabled={disabled}>
      <legend class="label">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="radio-card">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onInput(option.value)}
          />
          <b>{option.title}</b>
          <small class={compact && option.value !== value ? 'visually-hidden' : ''}>{option.text}</small>
        </label>
      ))}
    </fieldset>
  );
}
