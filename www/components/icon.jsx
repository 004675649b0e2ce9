/** Paths on a grid of 16 × 16, drawn in the colour of the text. @type {Record<string, string>} */
const PATHS = {
  good: 'M13.5 4.5 6.5 11.5 2.5 7.8',
  warn: 'M8 2 14.5 13.5H1.5L8 2Zm0 4.5v3.2m0 1.9v.1',
  bad: 'M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5Zm0 3v4m0 2.2v.1',
  note: 'M8 1.75a6.25 6.25 0 1 0 0 12.5 6.25 6.25 0 0 0 0-12.5ZM8 7.5v3.7M8 4.9V5',
  arrow: 'M2.5 8h11M9.5 4l4 4-4 4',
  copy: 'M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8v-8Z',
  save: 'M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  stop: 'M4 4h8v8H4V4Z',
  again: 'M13.5 8a5.5 5.5 0 1 1-1.8-4.1L13.5 5.5m0-3.5v3.5H10',
  link: 'M6.5 9.5 9.5 6.5M7 4.5l1.6-1.6a3 3 0 0 1 4.5 4.4L11.4 9M9 11.5l-1.6 1.6a3 3 0 0 1-4.5-4.4L4.6 7',
  grid: 'M2.5 3.5h11v9h-11v-9Zm0 3h11m-7 0v6',
};

/**
 * A decorative icon. It is hidden from screen readers, because the text beside it has the same meaning.
 * @param {{ name: string }} props
 */
export function Icon({ name }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** The logo: a square and its copy. */
export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect x="3" y="3" width="18" height="18" rx="5" fill="currentColor" opacity="0.35" />
      <rect x="11" y="11" width="18" height="18" rx="5" fill="currentColor" />
    </svg>
  );
}
