/**
 * What happened to one table of a simulation, as events of the model in tests/model. The model accepts it if one of its
 * paths has these events: see tests/model/src/accept.rs.
 *
 * @typedef {import('./network.js').Exchange} Exchange
 * @typedef {import('./scenario.js').Scenario} Scenario
 * @typedef {{ client: string, table: string, outcome: 'published' | 'not published' | 'unknown' }} Report
 */

/** The table whose trace it is. */
const TABLE = 'orders';
/** Staging names of a client in the model. */
const MAX_NAMES = 3;
const OWN = `petit_staging_[0-9a-f]{16}_${TABLE}`;
const CREATE = new RegExp(`^/v3/table/create/copy/(${OWN})/log`);
const RENAME = new RegExp(`^/v3/table/rename/copy/(${OWN})/${TABLE}(\\?|$)`);
const DELETE = new RegExp(`^/v3/table/delete/copy/(${OWN})`);
const SHOW = new RegExp(`^/v3/bulk_import/show/(${OWN})`);

/** How the model names what became of a request. @type {Record<string, string>} */
const NAMES = {
  answered: 'is answered',
  lost: 'is lost',
  no_answer: 'has no answer',
  cut: 'has no answer',
  late: 'is late',
  twice: 'is sent twice',
  again_later: 'is sent again later',
  denied: 'is refused by a proxy',
};

/**
 * @param {Scenario} scenario
 * @param {(Exchange | Report)[]} happened
 * @returns {object | undefined} undefined if the model has no such clients, or not as many names
 */
export function traceOf(scenario, happened) {
  const { seed, renamedId, old, others, stop } = scenario;
  const clones = [
    'client1',
    ...others.flatMap(({ kind }, place) => (kind === 'clone' ? [`client${place + 2}`] : [])),
  ];
  const isBeyond = clones.length > 2 || old === 'as_many' || stop?.kind === 'abort';
  if (isBeyond || others.some(({ kind }) => kind !== 'clone')) return undefined;
  const clients = new Map(clones.map((name, place) => [name, new TracedClient(place)]));
  const events = happened.flatMap((entry) => clients.get(entry.client)?.eventsOf(entry) ?? []);
  const traced = [...clients.values()];
  const overwrites = new Set(traced.flatMap(({ overwrites }) => [...overwrites]));
  if (overwrites.size > 1 || traced.some(({ names }) => names.length > MAX_NAMES)) return undefined;
  return {
    ...{ seed, clients: clones.length, idRule: renamedId, events },
    ...{ hasOld: old !== 'none', isOldEqual: old === 'equal', overwrite: overwrites.has(true) },
    faults: Math.min(60, events.length),
  };
}

class TracedClient {
  /** Staging names, in the order of their creation. @type {string[]} */
  names = [];
  /** @type {Set<boolean>} */
  overwrites = new Set();
  /** Requests that are to arrive. @type {Set<string>} */
  #late = new Set();
  #place;
  #hasRenamed = false;
  #hasPublished = false;
  #isOver = false;

  /** @param {number} place */
  constructor(place) {
    this.#place = place;
  }

  /**
   * @param {Exchange | Report} entry
   * @returns {string[]}
   */
  eventsOf(entry) {
    if ('outcome' in entry) {
      const isShown = entry.table === TABLE && this.#hasPublished;
      return isShown ? [`client ${this.#place}: ${entry.outcome}`] : [];
    }
    const { path } = entry;
    // After the outcome, the names that the client has used are cleaned up.
    if (this.names.includes(SHOW.exec(path)?.[1] ?? '')) this.#isOver = true;
    const created = CREATE.exec(path)?.[1];
    // Tables that are created later find out what TD does with ids.
    if (created && !this.#hasRenamed && !this.names.includes(created)) this.names.push(created);
    const renamed = RENAME.exec(path)?.[1];
    if (renamed) {
      this.#hasRenamed = true;
      this.overwrites.add(/overwrite=true/.test(path + entry.body));
    }
    const [kind, name] = created
      ? ['Create', created]
      : renamed
        ? ['Rename', renamed]
        : ['Delete', DELETE.exec(path)?.[1]];
    const at = this.names.indexOf(name ?? '');
    return at < 0 ? [] : this.#named(`${kind}(${this.#place * MAX_NAMES + at})`, entry);
  }

  /**
   * @param {string} request
   * @param {Exchange} exchange
   */
  #named(request, { what, status }) {
    if (what === 'arrives') return this.#late.has(request) ? [`${request} arrives`] : [];
    if (this.#isOver) return [];
    if (!request.startsWith('Create')) this.#hasPublished = true;
    if (what === 'late' || what === 'again_later') this.#late.add(request);
    return [`client ${this.#place}: ${request} ${NAMES[what]}: ${answerOf(what, status)}`];
  }
}

/**
 * @param {Exchange['what']} what
 * @param {number} [status]
 */
function answerOf(what, status) {
  if (what === 'denied') return 'Gone';
  if (['lost', 'no_answer', 'cut', 'late'].includes(what)) return 'Unanswered';
  return { 200: 'Done', 404: 'Gone', 409: 'Taken' }[status ?? 0] ?? 'Refused';
}
