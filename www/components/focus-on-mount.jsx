import { useEffect, useRef } from 'preact/hooks';

/**
 * The heading of a view that has just replaced another: the page begins at its top, and so does what is read aloud.
 * @param {{ children: import('preact').ComponentChildren }} props
 */
export function Arrival({ children }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    window.scrollTo({ top: 0 });
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} class="arrival">
      {children}
    </h1>
  );
}
