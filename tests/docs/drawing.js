/** What a terminal shows from a moment on.
 * @typedef {{ at: number, lines: string[] }} Screen */

/** Pixels. */
const [SIZE, WIDTH, HEIGHT, PADDING] = [14, 8.43, 20, 16];
const COLOURS = { back: '#0d1117', text: '#c9d1d9', prompt: '#7ee787', good: '#7ee787', title: '#79c0ff' };

/**
 * An animated drawing of what a terminal showed: each line is there from the screen that brings it to the one that has another
 * in its place. Without motion, where that is wished for, it is the last screen.
 * @param {Screen[]} screens
 * @param {number} duration in milliseconds
 * @param {string} title
 */
export function drawing(screens, duration, title) {
  const spans = spansOf(screens, duration);
  const columns = Math.max(...spans.map(({ text }) => text.length));
  const rows = Math.max(...spans.map(({ row }) => row)) + 1;
  const [width, height] = [Math.ceil(columns * WIDTH) + 2 * PADDING, rows * HEIGHT + 2 * PADDING];
  const intervals = [...new Set(spans.map(intervalOf))];
  const styles = intervals.map((interval, at) => {
    const [from = 0, to = 0] = interval.split('-').map(Number);
    return from === 0 && to === duration ? '' : keyframes(at, from / duration, to / duration);
  });
  const texts = spans.map((span) => {
    const { row, text, to } = span;
    const classes = `a${intervals.indexOf(intervalOf(span))}${to === duration ? ' last' : ''}`;
    return `<text class="${classes}" x="${PADDING}" y="${PADDING + SIZE + row * HEIGHT}">${coloured(text)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>
text{font:${SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:${COLOURS.text};white-space:pre}
.p{fill:${COLOURS.prompt};font-weight:bold}.g{fill:${COLOURS.good}}.t{fill:${COLOURS.title}}
[class^=a]{animation:${(duration / 1000).toFixed(2)}s step-end infinite}
${styles.join('\n')}
@media (prefers-reduced-motion:reduce){text{animation:none!important;opacity:0}text.last{opacity:1}}
</style>
<rect width="100%" height="100%" rx="8" fill="${COLOURS.back}"/>
${texts.join('\n')}
</svg>
`;
}

/**
 * @param {Screen[]} screens
 * @param {number} duration
 * @returns {{ row: number, text: string, from: number, to: number }[]}
 */
function spansOf(screens, duration) {
  const rows = Math.max(...screens.map(({ lines }) => lines.length));
  return Array.from({ length: rows }, (_, row) => {
    /** @type {{ row: number, text: string, from: number, to: number }[]} */
    const spans = [];
    for (const { at, lines } of screens) {
      const text = lines[row] ?? '';
      const last = spans.at(-1);
      if (last?.text === text) continue;
      if (last) last.to = Math.round(at);
      spans.push({ row, text, from: Math.round(at), to: duration });
    }
    return spans.filter(({ text }) => text !== '');
  }).flat();
}

/** @param {{ from: number, to: number }} span */
const intervalOf = ({ from, to }) => `${from}-${to}`;

/** Shown from one share of the time to another.
 * @param {number} at @param {number} from @param {number} to */
function keyframes(at, from, to) {
  const percent = (/** @type {number} */ share) => `${Math.round(share * 10_000) / 100}%`;
  const before = from > 0 ? '0%{opacity:0}' : '';
  const after = to < 1 ? `${percent(to)}{opacity:0}` : '';
  return `@keyframes k${at}{${before}${percent(from)}{opacity:1}${after}}.a${at}{animation-name:k${at}}`;
}

const escaped = (/** @type {string} */ text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A line with its prompt, its heading or what went well in a colour of its own.
 * @param {string} line */
function coloured(line) {
  const text = escaped(line);
  if (line.startsWith('$ ')) return `<tspan class="p">$</tspan>${text.slice(1)}`;
  if (/^[A-Z]+ +[A-Z]/.test(line)) return `<tspan class="t">${text}</tspan>`;
  return text.replaceAll(/\b(verified|done)\b|█+/g, '<tspan class="g">$&</tspan>');
}
