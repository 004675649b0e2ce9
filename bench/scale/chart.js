/**
 * A chart with logarithmic axes, as SVG text.
 *
 * @typedef {{ name: string, color: string, points: [number, number][] }} Line
 * @typedef {{ at: number, label: string }} Mark
 */

const SIZE = { width: 860, height: 480 };
const EDGE = { left: 90, right: 170, top: 30, bottom: 60 };

/**
 * @param {{ title: string, x: Mark[], y: Mark[], lines: Line[] }} chart marks in ascending order: they bound the axes
 * @returns {string}
 */
export function chart({ title, x, y, lines }) {
  const across = scale(x, EDGE.left, SIZE.width - EDGE.right);
  const up = scale(y, SIZE.height - EDGE.bottom, EDGE.top);
  const [right, bottom] = [SIZE.width - EDGE.right, SIZE.height - EDGE.bottom];
  const grid = [
    ...x.map(({ at, label }) => {
      const place = across(at);
      return (
        `<path d="M${place} ${EDGE.top}V${bottom}" stroke="#ddd"/>` +
        `<text x="${place}" y="${bottom + 20}" text-anchor="middle">${label}</text>`
      );
    }),
    ...y.map(({ at, label }) => {
      const place = up(at);
      return (
        `<path d="M${EDGE.left} ${place}H${right}" stroke="#ddd"/>` +
        `<text x="${EDGE.left - 8}" y="${place + 4}" text-anchor="end">${label}</text>`
      );
    }),
  ];
  const labels = spread(
    lines.map(({ points }) => up(points.at(-1)?.[1] ?? 1)),
    18,
  );
  const drawn = lines.map(({ name, color, points }, place) => {
    const path = points.map(([rows, value]) => `${across(rows)} ${up(value)}`).join('L');
    return (
      `<path d="M${path}" fill="none" stroke="${color}" stroke-width="2.5"/>` +
      `<text x="${right + 8}" y="${(labels[place] ?? 0) + 4}" fill="${color}" font-weight="600">${name}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" ` +
      `font-family="system-ui, sans-serif" font-size="13" fill="#333" role="img" aria-label="${title}">`,
    `<rect width="${SIZE.width}" height="${SIZE.height}" fill="#fff"/>`,
    ...grid,
    ...drawn,
    `<text x="${(EDGE.left + right) / 2}" y="${SIZE.height - 14}" text-anchor="middle">${title}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

/**
 * @param {Mark[]} marks
 * @param {number} from
 * @param {number} to
 */
function scale(marks, from, to) {
  const [least, most] = [marks[0]?.at ?? 1, marks.at(-1)?.at ?? 10].map(Math.log);
  return (/** @type {number} */ value) => {
    const share = (Math.log(value) - Number(least)) / (Number(most) - Number(least));
    return Math.round(10 * (from + Math.min(1, Math.max(0, share)) * (to - from))) / 10;
  };
}

/**
 * The same heights, moved apart so far that texts there do not overlap.
 * @param {number[]} heights
 * @param {number} gap
 */
function spread(heights, gap) {
  const order = heights.map((_, place) => place).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const moved = [...heights];
  let last = Number.NEGATIVE_INFINITY;
  for (const place of order) {
    last = Math.max(moved[place] ?? 0, last + gap);
    moved[place] = last;
  }
  return moved;
}
