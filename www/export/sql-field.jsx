import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { call } from '../worker/rpc-client.js';
import { listing, query } from './export-state.js';
import { placeIn } from './first-rows-sql.js';
import { queryFailure, showFirstRows } from './query-state.js';

/** @typedef {ReturnType<typeof import('./sql-editor.js').openSqlEditor>} SqlEditor */

const LABEL = 'SQL';
const HINT = 'Trino SQL, as in the TD console. Ctrl-Enter or ⌘-Enter shows the first rows.';

/** The text of the query. Until the editor has loaded, and if it cannot be loaded, a plain text field. */
export function SqlField() {
  const id = useId();
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plain = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const editor = useSqlEditor(host, plain);
  useFailure(editor, plain);
  return (
    <div class="field">
      {editor ? (
        <span class="label">{LABEL}</span>
      ) : (
        <label class="label" for={id}>
          {LABEL}
        </label>
      )}
      <div class="sql-editor" ref={host} hidden={!editor} />
      <textarea
        id={id}
        class="input"
        ref={plain}
        hidden={editor !== undefined}
        aria-describedby={`${id}-note`}
        spellcheck={false}
        autocapitalize="off"
        value={query.value}
        placeholder="SELECT … FROM …"
        onInput={({ currentTarget }) => {
          query.value = currentTarget.value;
        }}
      />
      <p id={`${id}-note`} class="hint">
        {HINT}
      </p>
    </div>
  );
}

/**
 * Loads the editor, and gives it what the plain field has: the text, the focus and the selection.
 * @param {{ current: HTMLDivElement | null }} host
 * @param {{ current: HTMLTextAreaElement | null }} plain
 */
function useSqlEditor(host, plain) {
  const [editor, setEditor] = useState(/** @type {SqlEditor | undefined} */ (undefined));
  useEffect(() => {
    /** @type {SqlEditor | undefined} */
    let opened;
    let isClosed = false;
    const open = async () => {
      const { openSqlEditor } = await import('./sql-editor.js');
      if (isClosed || !host.current) return;
      const field = document.activeElement === plain.current ? plain.current : undefined;
      opened = openSqlEditor(host.current, {
        ...{ text: query.peek(), label: LABEL, hint: HINT, onRun: showFirstRows },
        onInput: (text) => {
          query.value = text;
        },
      });
      host.current.hidden = false;
      if (field) opened.focus(field.selectionStart, field.selectionEnd);
      setEditor(opened);
    };
    // Without the chunk, the plain field stays.
    open().catch((error) => console.warn(`The SQL editor could not be loaded: ${error.message}`));
    return () => {
      isClosed = true;
      opened?.close();
    };
  }, [host, plain]);
  useCompletion(editor);
  return editor;
}

/** Completes the names of the database's tables and columns. @param {SqlEditor | undefined} editor */
function useCompletion(editor) {
  const state = listing.value;
  useEffect(() => {
    if (!editor || state.status !== 'listed') return;
    // Without them, keywords are completed.
    call('listColumns', undefined).then(editor.complete, () => {});
  }, [editor, state]);
}

/**
 * Moves the focus to the place of an error.
 * @param {SqlEditor | undefined} editor
 * @param {{ current: HTMLTextAreaElement | null }} plain
 */
function useFailure(editor, plain) {
  const failure = queryFailure.value;
  useEffect(() => {
    if (!failure) return;
    const offset = offsetOf(query.peek(), placeIn(failure.error.message));
    if (editor) editor.focus(offset);
    else {
      plain.current?.focus();
      if (offset !== undefined) plain.current?.setSelectionRange(offset, offset);
    }
  }, [failure, editor, plain]);
}

/**
 * @param {string} text
 * @param {{ line: number, column: number } | undefined} place
 */
function offsetOf(text, place) {
  if (!place) return undefined;
  const before = text.split('\n').slice(0, place.line - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
}
