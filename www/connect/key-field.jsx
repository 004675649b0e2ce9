import { useState } from 'preact/hooks';
import { Field } from '../components/field.jsx';

/**
 * A field for an API key, which is hidden until the user wants to see it.
 * @param {{ value: string, consoleUrl: string | undefined, onInput: (value: string) => void }} props
 */
export function KeyField({ value, consoleUrl, onInput }) {
  const [isShown, setIsShown] = useState(false);
  return (
    <Field label="API key" hint={<WhereKeysAre consoleUrl={consoleUrl} />}>
      {(control) => (
        <div class="key-input">
          <input
            {...control}
            class="input"
            type={/** @type {'text'} */ (isShown ? 'text' : 'password')}
            value={value}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            onInput={({ currentTarget }) => onInput(currentTarget.value)}
          />
          <button type="button" class="link small" onClick={() => setIsShown(!isShown)}>
            {isShown ? 'Hide key' : 'Show key'}
          </button>
        </div>
      )}
    </Field>
  );
}

/** @param {{ consoleUrl: string | undefined }} props */
function WhereKeysAre({ consoleUrl }) {
  // One line, so that the form is as low as possible.
  const path = 'My Settings → API Keys';
  if (!consoleUrl) return <>In TD’s console: {path}</>;
  return (
    <>
      In{' '}
      <a href={consoleUrl} target="_blank" rel="noreferrer">
        TD’s console
      </a>
      : {path}
    </>
  );
}
