import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from './button.jsx';

/** Limits the text in the document. “Copy log” copies all lines. */
const MAX_SHOWN_LINES = 500;

/**
 * Log lines. The last line stays visible unless the reader has scrolled up.
 * @param {{ label: string, lines: string[] }} props
 */
export function Log({ label, lines }) {
  const pane = useRef(/** @type {HTMLPreElement | null} */ (null));
  const atEnd = useRef(true);
  const lastScrollTop = useRef(0);
  useEffect(() => {
    const { current } = pane;
    if (current && atEnd.current) current.scrollTop = current.scrollHeight;
  }, [lines]);
  return (
    <section class="stack" aria-label={label}>
      <div class="row spread">
        <h2>{label}</h2>
        <CopyButton text={() => lines.join('\n')}>Copy log</CopyButton>
      </div>
      <pre
        class="log"
        ref={pane}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={label}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const isAtEnd = scrollHeight - scrollTop - clientHeight < 8;
          // When lines wrap differently, the end moves away although the reader has not scrolled up.
          if (isAtEnd || scrollTop < lastScrollTop.current) atEnd.current = isAtEnd;
          lastScrollTop.current = scrollTop;
        }}
      >
        {lastLines(lines)}
      </pre>
    </section>
  );
}

/** @param {string[]} lines */
function lastLines(lines) {
  const hidden = lines.length - MAX_SHOWN_LINES;
  if (hidden <= 0) return lines.join('\n');
  return [
    `… ${count(hidden)} earlier lines (“Copy log” includes them)`,
    ...lines.slice(-MAX_SHOWN_LINES),
  ].join('\n');
}

/** @param {{ text: () => string, children: string }} props */
function CopyButton({ text, children }) {
  const [status, setStatus] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setStatus('Copied');
    } catch {
      setStatus('The browser blocked copying');
    }
  };
  return (
    <span class="row">
      <span class="small muted" role="status">
        {status}
      </span>
      <Button small icon="copy" onClick={copy}>
        {children}
      </Button>
    </span>
  );
}
