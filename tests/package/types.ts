// Checks what the types promise to a caller: tsc fails if a type is wider or narrower than it must be.
import type {
  Attempt,
  CleanupSummary,
  ClonePlan,
  CloneSummary,
  Conformance,
  Diagnosis,
  ExportedTable,
  ExportPlan,
  ExportSummary,
  ListedTable,
  PlannedTable,
  Problem,
  Run,
  VerifySummary,
} from '../../pkg-scripts/api.js';
import * as petit from '../../pkg-scripts/node.js';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>) => {};
type EventOf<R> = R extends Run<unknown, infer E> ? E : never;
type PlanOf<R> = Extract<EventOf<R>, { type: 'plan' }>;
type Returned<Name extends keyof typeof petit> = (typeof petit)[Name] extends (...args: never[]) => infer R
  ? R
  : never;

// The result of each function.
same<Awaited<Returned<'cloneDatabase'>>, CloneSummary>(true);
same<Awaited<Returned<'exportTables'>>, ExportSummary>(true);
same<Awaited<Returned<'exportTable'>>, ExportedTable>(true);
same<Awaited<Returned<'exportQuery'>>, ExportedTable>(true);
same<Awaited<Returned<'exportJob'>>, ExportedTable>(true);
same<Awaited<Returned<'verifyDatabase'>>, VerifySummary>(true);
same<Awaited<Returned<'cleanUp'>>, CleanupSummary>(true);
same<Awaited<Returned<'triggerWorkflow'>>, Attempt>(true);
same<Awaited<Returned<'checkAttempt'>>, Attempt>(true);
same<Awaited<Returned<'diagnose'>>, Diagnosis>(true);
same<Awaited<Returned<'checkConformance'>>, Conformance>(true);
same<Awaited<Returned<'planClone'>>, ClonePlan>(true);
same<Awaited<Returned<'planExport'>>, ExportPlan>(true);
same<Awaited<Returned<'listTables'>>, ListedTable[]>(true);

// A run yields the events of its command alone, so that the type of an event narrows it.
same<PlanOf<Returned<'cloneDatabase'>>['command'], 'clone-db'>(true);
same<PlanOf<Returned<'exportTables'>>['command'], 'td2parquet'>(true);
same<PlanOf<Returned<'cleanUp'>>['command'], 'cleanup'>(true);
same<Extract<EventOf<Returned<'verifyDatabase'>>, { type: 'table' }>, never>(true);
same<Extract<EventOf<Returned<'triggerWorkflow'>>, { type: 'plan' }>, never>(true);

// One vocabulary: plans have tasks, problems and jobs; tasks and listed tables have table, rows and bytes.
same<ClonePlan['tasks'], PlannedTable[]>(true);
same<ClonePlan['problems'], Problem[]>(true);
same<ExportPlan['problems'], Problem[]>(true);
same<ClonePlan['jobs'], ExportPlan['jobs']>(true);
same<PlannedTable['table'], ListedTable['table']>(true);
same<NonNullable<ListedTable['rows']>, PlannedTable['rows']>(true);
same<NonNullable<ListedTable['bytes']>, PlannedTable['bytes']>(true);
same<NonNullable<ExportPlan['tasks'][number]['rows']>, PlannedTable['rows']>(true);

// An interruption names its tables.
const interrupted = new petit.PetitError('interrupted', 'stopped', { finished: ['a'], left: ['b'] });
same<(typeof interrupted)['left'], string[] | undefined>(true);
