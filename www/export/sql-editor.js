// The SQL editor: CodeMirror. A chunk of its own, because it is as large as the rest of the page.
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { SQLDialect, StandardSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import { EditorView, keymap, placeholder, tooltips } from '@codemirror/view';
import { tags } from '@lezer/highlight';

/** @typedef {Record<string, string[]>} Columns the columns of each table */

/** Functions of Trino in Treasure Data that the SQL standard does not have. */
const BUILTIN =
  'td_time_range td_interval td_interval_range td_time_string td_time_format td_time_parse td_time_add td_date_trunc ' +
  'td_scheduled_time td_sessionize_window td_ip_to_country_code td_ip_to_country_name td_parse_agent td_url_decode ' +
  'approx_distinct approx_percentile arbitrary array_agg cardinality count_if date_format date_parse date_diff ' +
  'from_unixtime json_extract json_extract_scalar map_agg max_by min_by regexp_extract regexp_like regexp_replace ' +
  'split_part to_unixtime try try_cast';

const TRINO = SQLDialect.define({ ...StandardSQL.spec, builtin: BUILTIN });

/** Custom properties are inherited into the shadow tree, so the colours follow the page's. */
const THEME = EditorView.theme({
  '&': {
    height: '100%',
    border: '1px solid var(--edge)',
    borderRadius: 'var(--radius-m)',
    background: 'var(--surface)',
    color: 'var(--ink)',
    fontSize: 'var(--text-s)',
  },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { padding: '0.5rem 0', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 0.75rem' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '&.cm-focused .cm-matchingBracket': { background: 'var(--accent-wash)' },
  '.cm-tooltip': {
    border: '1px solid var(--line)',
    borderRadius: 'var(--radius-m)',
    background: 'var(--surface)',
    color: 'var(--ink)',
    boxShadow: 'var(--shadow-high)',
    overflow: 'hidden',
  },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '14rem' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '0.2rem 0.6rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    background: 'var(--accent)',
    color: 'var(--on-accent)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '650' },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '550' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--warn)' },
  { tag: tags.comment, color: 'var(--muted)' },
]);

/**
 * Opens an editor in an element. It is in a shadow tree, whose style sheets the page's Content-Security-Policy allows.
 * @param {HTMLElement} element
 * @param {{ text: string, label: string, hint: string, onInput: (text: string) => void, onRun: () => void }} options
 */
export function openSqlEditor(element, { text, label, hint, onInput, onRun }) {
  const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
  const language = new Compartment();
  const languageOf = (/** @type {Columns} */ schema) =>
    sql({ dialect: TRINO, schema, upperCaseKeywords: true });
  const run = () => {
    onRun();
    return true;
  };
  const view = new EditorView({
    ...{ root, parent: root },
    state: EditorState.create({
      doc: text,
      extensions: [
        ...[
          history(),
          bracketMatching(),
          closeBrackets(),
          autocompletion({ icons: false }),
          tooltips({ position: 'fixed' }),
        ],
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
        // Tab moves the focus, as in every other field.
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        ...[language.of(languageOf({})), syntaxHighlighting(COLOURS), THEME, EditorView.lineWrapping],
        placeholder('SELECT … FROM …'),
        EditorView.contentAttributes.of({
          'aria-label': label,
          'aria-description': hint,
          autocapitalize: 'off',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onInput(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    /** @param {Columns} columns to complete */
    complete: (columns) => view.dispatch({ effects: language.reconfigure(languageOf(columns)) }),
    /** @param {number} [from] @param {number} [to] what to select */
    focus(from, to = from) {
      view.focus();
      if (from === undefined) return;
      const { length } = view.state.doc;
      const selection = { anchor: Math.min(from, length), head: Math.min(to ?? from, length) };
      view.dispatch({ selection, scrollIntoView: true });
    },
    close: () => view.destroy(),
  };
}
