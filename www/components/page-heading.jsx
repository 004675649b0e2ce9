import { useEffect, useRef } from 'preact/hooks';

/**
 * The heading of a view that has just replaced another one. When it mounts, the page scrolls to the top and the
 * heading takes the focus, so that a screen reader continues here and not in the removed view.
 * @param {{ children: import('preact').ComponentChildren }} props
 */
export function PageHeading({ children }) {
  const heading = useRef(/** @type {HTMLHeadingElement | null} */ (null));
  useEffect(() => {
    window.scrollTo({ top: 0 });
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1} class="page-heading">
      {children}
    </h1>
  );
}
