import { useId } from 'preact/hooks';

/** @import { ComponentChildren } from 'preact' */

/**
 * What every field has around its control.
 * @typedef {{ label: string, hint?: ComponentChildren, error?: string }} Around
 */

/**
 * A label, a control, and what there is to say about it.
 * @param {Around & { children: (control: { id: string, 'aria-describedby'?: string, 'aria-invalid'?: boolean }) =>
 *   ComponentChildren }} props
 */
export function Field({ label, hint, error, children }) {
  const id = useId();
  const about = error || hint ? `${id}-about` : undefined;
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': error ? true : undefined })}
      {about && (
        <p id={about} class={error ? 'field-error' : 'hint'}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

/**
 * @param {Around & { value: string, onInput: (value: string) => void, type?: 'text' | 'password' | 'url',
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
 * @param {Around & { value: string, onInput: (value: string) => void, options: { value: string, title: string }[],
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
 * One of a few, each with a word of explanation.
 * @template {string} V
 * @param {{ legend: string, value: V, onInput: (value: V) => void, disabled?: boolean,
 *   options: { value: V, title: string, text: string }[] }} props
 */
export function Choices({ legend, value, onInput, options, disabled }) {
  const name = useId();
  return (
    <fieldset class="choices" disabled={disabled}>
      <legend class="label">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} class="choice">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onInput(option.value)}
          />
          <b>{option.title}</b>
          <small>{option.text}</small>
        </label>
      ))}
    </fieldset>
  );
}
