import { query, type ReadModels } from '../database.js';
import { compileFilter, jobConditions, type JobsOf } from './compile-filter.js';
import type { Condition } from './filter.js';
import { findByPart, type ObjectsOf } from './find-by-part.js';
import type { ODataQuery } from './query-options.js';
import { type Columns, readInColumns } from './read-in-columns.js';
import type { Resource } from './resource.js';

/** A resource, and the rows that it is made of. */
export interface RowSource extends Resource {
  /** Table expression. */
  readonly from: string;
  readonly columns: string;
  /** The same for the rows of these objects alone, of two lists as long as each other, their jobs and their keys: each object's are looked up once. */
  readonly fromObjects?: (jobs: string, keys: string) => string;
  /** All of them by name: large pages are fetched column by column then. */
  readonly names?: Columns;
  /** Sort key: an instant, and a place in the log that no other row has. */
  readonly at: string;
  readonly sequence: string;
  /** Which rows of the table are of this resource at all. */
  readonly where: string;
}

/** Rows in the order that is asked for, behind the place that is asked for; at most one more than a page, as sign that there are more. */
export async function findRows<Row>(models: ReadModels, source: RowSource, asked: ODataQuery): Promise<Row[]> {
  return query<Row>(models, ...(await rowsQuery(models, source, asked)));
}

/**
 * All rows, page behind page. The next one is asked for while the one before it is worked on, so that neither side waits for the other.
 * @param placeOf sort key of a row
 */
export async function* pagesOf<Row>(
  models: ReadModels,
  source: RowSource,
  asked: ODataQuery,
  placeOf: (row: Row) => NonNullable<ODataQuery['after']>,
): AsyncGenerator<Row[]> {
  const ask = (query: ODataQuery): Promise<Row[]> => {
    const rows = findPage<Row>(models, source, query);
    rows.catch(() => undefined); // thrown when it is waited for
    return rows;
  };
  for (let asking: Promise<Row[]> | null = ask(asked); asking !== null; ) {
    const rows: Row[] = await asking;
    const shown = rows.slice(0, asked.top);
    const last = shown.at(-1);
    asking = rows.length > asked.top && last ? ask({ ...asked, after: placeOf(last) }) : null;
    if (shown.length > 0) yield shown;
  }
}

async function findPage<Row>(models: ReadModels, source: RowSource, asked: ODataQuery): Promise<Row[]> {
  if (source.names === undefined) return findRows<Row>(models, source, asked);
  return readInColumns<Row>(models, source.names, await rowsQuery(models, source, asked));
}

/** Exported for the spec that looks at its plan. */
export async function rowsQuery(models: ReadModels, source: RowSource, asked: ODataQuery): Promise<[sql: string, values: unknown[]]> {
  const { values, value } = parameters();
  const { at, sequence } = source;
  const { from, holds } = await filterOf(models, source, asked.filter, value);
  const conditions = [source.where, holds];
  const [sign, direction] = asked.descending ? ['<', 'desc'] : ['>', 'asc'];
  if (asked.after)
    conditions.push(`(${at}, ${sequence}) ${sign} (${value(asked.after[0])}::timestamptz, ${value(asked.after[1])}::bigint)`);
  return [
    `select ${source.columns} from ${from} where ${conditions.join(' and ')}
     order by ${at} ${direction}, ${sequence} ${direction} limit ${value(asked.top + 1)}`,
    values,
  ];
}

/** How many rows the filter holds for. */
export async function countRows(models: ReadModels, source: RowSource, filter: Condition | null): Promise<number> {
  const { values, value } = parameters();
  const { from, holds } = await filterOf(models, source, filter, value);
  const [row] = await query<{ rows: number }>(models, `select count(*) as rows from ${from} where ${source.where} and ${holds}`, values);
  return row!.rows;
}

/** Which rows the filter holds for, and where they are looked for. */
async function filterOf(
  models: ReadModels,
  source: RowSource,
  filter: Condition | null,
  value: (given: unknown) => string,
): Promise<{ from: string; holds: string }> {
  const { from } = source;
  if (filter === null) return { from, holds: 'true' };
  const [jobs, objectsOf] = [await jobsOf(models, source, filter), await findByPart(models, source, filter)];
  const found = source.fromObjects && fewest(conjuncts(filter).map((each) => [each, objectsOf(each)] as const));
  if (!source.fromObjects || !found) return { from, holds: compileFilter(filter, source, value, jobs, objectsOf) };
  const [first, objects] = found;
  const list = (values: readonly string[]): string => `${value(values)}::text[]`;
  return {
    from: source.fromObjects(list(objects.map(({ job_id }) => job_id)), list(objects.map(({ object_key }) => object_key))),
    holds: compileFilter(filter, source, value, jobs, (condition) => (condition === first ? undefined : objectsOf(condition))),
  };
}

/** Conditions without which the filter cannot hold. */
const conjuncts = (filter: Condition): Condition[] => (filter.kind === 'and' ? filter.conditions.flatMap(conjuncts) : [filter]);

type Found = readonly [Condition, NonNullable<ReturnType<ObjectsOf>>];

const fewest = (all: readonly (readonly [Condition, ReturnType<ObjectsOf>])[]): Found | undefined =>
  all
    .filter((each): each is Found => each[1] !== undefined && each[1].length > 0)
    .reduce<Found | undefined>((least, each) => (least && least[1].length <= each[1].length ? least : each), undefined);

/** Finds out once which jobs the conditions on jobs hold for, so that the rest of the question is about job ids, which are indexed. */
async function jobsOf(models: ReadModels, source: RowSource, filter: Condition): Promise<JobsOf> {
  const { values, value } = parameters();
  const conditions = [...jobConditions(filter, source, value)];
  if (conditions.length === 0) return () => undefined;
  const columns = conditions.map(([, sql], index) => `(${sql}) is true as "${index}"`);
  const rows = await query<{ job_id: string } & Record<string, unknown>>(models, `select job_id, ${columns.join(', ')} from job`, values);
  const jobs = new Map(conditions.map(([condition], index) => [condition, rows.filter((row) => row[index]).map(({ job_id }) => job_id)]));
  return (condition) => jobs.get(condition);
}

function parameters() {
  const values: unknown[] = [];
  return { values, value: (given: unknown): string => `$${values.push(given)}` };
}
