// What the type declarations promise; `// @ts-expect-error` lines are what they have to refuse.
import {
  type CloneSummary,
  cleanUp,
  cloneDatabase,
  diagnose,
  type ExportedTable,
  exportJob,
  exportQuery,
  exportTable,
  exportTables,
  inspectClone,
  PetitError,
  type planClone,
  type RunEvent,
  type Sink,
  serve,
  TreasureData,
  verifyDatabase,
} from 'petit-td';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};

const source = new TreasureData({ endpoint: 'aws', apikey: 'key' });
const destination = { endpoint: 'https://api.treasuredata.co.jp', apikey: 'key' };
const request = { source, destination, database: 'shop', onExisting: 'skip' } as const;

export async function clones(signal: AbortSignal): Promise<bigint> {
  const run = cloneDatabase({ ...request, signal, onEvent: (event: RunEvent) => event.type });
  for await (const event of run) {
    switch (event.type) {
      case 'plan':
        event.tables.map(({ action }) => action);
        break;
      case 'progress':
        same<typeof event.rows, bigint>(true);
        same<typeof event.totalBytes, bigint | undefined>(true);
        event.waiting?.trim();
        break;
      case 'table':
        if (event.state === 'failed') event.error.code.trim();
        break;
      case 'waiting':
        event.message.trim();
        break;
      case 'database':
        event.database.trim();
        break;
      case 'view':
        event.view.trim();
        break;
      case 'profile':
        event.stages.length.toFixed();
        break;
      case 'error':
        same<typeof event.hint, string | undefined>(true);
        break;
      case 'summary':
        event.errors.length.toFixed();
        break;
      default:
        same<typeof event, never>(true);
    }
  }
  const summary = await run;
  same<typeof summary, CloneSummary>(true);
  const { create } = summary.plan.totals;
  same<NonNullable<typeof create>, { tables: number; rows: bigint; bytes: bigint } & { jobs: number }>(true);
  return summary.rows;
}

export async function exports(to: WritableStream<Uint8Array>): Promise<ExportedTable[]> {
  const where = { account: source, database: 'shop' };
  await exportTables({
    ...where,
    tables: ['orders'],
    compression: 'zstd',
    outputDir: 'data',
    splitRows: 2n ** 60n,
  });
  return [
    await exportTable({ ...where, table: 'orders', to: 'orders.parquet' }),
    await exportQuery({ ...where, query: 'SELECT 1', to }),
    await exportJob({ ...where, jobId: '12', to }),
  ];
}

export async function narrowing() {
  const where = { account: source, database: 'shop' };
  for await (const event of exportTables(where))
    if (event.type === 'plan') event.tasks.at(0)?.outputPath.trim();
  for await (const event of verifyDatabase(request)) if (event.type === 'comparison') event.sign.trim();
  for await (const event of diagnose({ account: source })) if (event.type === 'check') event.state.trim();
  for await (const event of cleanUp({ account: source })) if (event.type === 'plan') event.account.trim();
}

export async function plans() {
  const { plan } = await inspectClone(request);
  same<ReturnType<typeof plan>, Awaited<ReturnType<typeof planClone>>>(true);
  const { url, close } = await serve({ port: 0 });
  await close();
  return url;
}

export function failures(error: unknown): string | undefined {
  if (!(error instanceof PetitError)) return undefined;
  same<typeof error.code, string>(true);
  same<typeof error.retryable, boolean>(true);
  same<typeof error.table, string | undefined>(true);
  return error.hint;
}

export const sinks = {
  hardwareConcurrency: 1,
  openSink: async (path: string): Promise<Sink> => ({ writable: new WritableStream<Uint8Array>(), path }),
};
exportTables({ account: source, database: 'shop', platform: sinks });

// @ts-expect-error: no such codec
exportTables({ account: source, database: 'shop', compression: 'brotli' });
// @ts-expect-error: a table needs a place to go to
exportTable({ account: source, database: 'shop', table: 'orders' });
// @ts-expect-error: a clone needs a destination
cloneDatabase({ source, database: 'shop' });
// @ts-expect-error: an account needs a key
new TreasureData({ endpoint: 'aws' });
