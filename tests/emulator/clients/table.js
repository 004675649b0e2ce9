/**
 * The table of clients and operations in the emulator's README.
 * @typedef {{ client: string, area: string, passed: number, total: number }} Cell
 */

/** @param {string} operation `jobs: kill` */
export const areaOf = (operation) => operation.slice(0, operation.indexOf(':'));

/**
 * The numbers in the README's table.
 * @param {string} readme
 * @returns {Cell[]}
 */
export function readTable(readme) {
  const [header = '', , ...rows] = tableLines(readme);
  const [, ...clients] = cellsOf(header);
  return rows.map(cellsOf).flatMap(([area = '', ...cells]) =>
    cells.flatMap((cell, index) => {
      const [passed, total] = cell.split(' of ').map(Number);
      if (total === undefined || passed === undefined) return [];
      return [{ client: clients[index] ?? '', area, passed, total }];
    }),
  );
}

/** @param {string} readme */
function tableLines(readme) {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.startsWith('| operations |'));
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start, start + length);
}

/** @param {string} line */
const cellsOf = (line) =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());

/**
 * Counts operations by area.
 * @param {string} client
 * @param {{ operation: string, passed: boolean }[]} outcomes
 * @returns {Cell[]} with the areas `all` at the end
 */
export function countOutcomes(client, outcomes) {
  const areas = [...new Set(outcomes.map(({ operation }) => areaOf(operation)))];
  const cell = (/** @type {string} */ area, /** @type {typeof outcomes} */ part) => ({
    ...{ client, area, total: part.length },
    passed: part.filter(({ passed }) => passed).length,
  });
  const cells = areas.map((area) =>
    cell(
      area,
      outcomes.filter(({ operation }) => areaOf(operation) === area),
    ),
  );
  return [...cells, cell('all', outcomes)];
}

/** @param {Cell[]} cells */
export function printTable(cells) {
  const clients = [...new Set(cells.map(({ client }) => client))];
  const areas = [...new Set(cells.map(({ area }) => area))].filter((area) => area !== 'all').concat('all');
  const textOf = (/** @type {string} */ area, /** @type {string} */ client) => {
    const found = cells.find((cell) => cell.area === area && cell.client === client);
    return found ? `${found.passed} of ${found.total}` : '';
  };
  const rows = areas.map((area) => [area, ...clients.map((client) => textOf(area, client))]);
  return [['operations', ...clients], ['operations', ...clients].map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
    .replace(/\| ---.*\|/, `|${'---|'.repeat(clients.length + 1)}`);
}
