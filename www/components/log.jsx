import { useEffect, useRef, useState } from 'preact/hooks';
import { count } from '../../pkg-scripts/shared/format.js';
import { Button } from './button.jsx';

/** Most lines that are shown; all are copied. */
const MOST_SHOWN = 500;

/**
 * What happened, line by line; the end stays in sight unless the reader has scrolled away from it.
 * @param {{ label: string, lines: string[] }} props
 */
export function Log({ label, lines }) {
  const pane = useRef(/** @type {HTMLPreElement | null} */ (null));
  const atEnd = useRef(true);
  const top = useRef(0);
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
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so must the keyboard
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={label}
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
          const isNear = scrollHeight - scrollTop - clientHeight < 8;
          // Lines that wrap anew move the end away from the reader, not the reader from the end.
          if (isNear || scrollTop < top.current) atEnd.current = isNear;
          top.current = scrollTop;
        }}
      >
        {tail(lines)}
      </pre>
    </section>
  );
}

/** @param {string[]} lines */
function tail(lines) {
  const hidden = lines.length - MOST_SHOWN;
  if (hidden <= 0) return lines.join('\n');
  return [`… ${count(hidden)} earlier lines: the copy has them all`, ...lines.slice(-MOST_SHOWN)].join('\n');
}

/** @param {{ text: () => string, children: string }} props */
function CopyButton({ text, children }) {
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setSaid('Copied');
    } catch {
      setSaid('The browser did not allow it');
    }
  };
  return (
    <span class="row">
      <span class="small soft" role="status">
        {said}
      </span>
      <Button small icon="copy" onClick={copy}>
        {children}
      </Button>
    </span>
  );
}
