import { type Connection, openAndMigrate, restoreIndexes, setIndexesAside } from '@provident/projection';

import type { BenchError } from '../bench-error.js';
import type { Teardown } from '../process/teardown.js';
import { describeMachine, loadNow, type Machine } from '../report/machine.js';
import { World } from '../world.js';
import { copiesFor, multiply } from './multiply.js';
import type { ReportsOptions } from './options.js';
import { project, type Projected } from './project.js';
import { askAll, type Asked, type Exported, type Paged, questionsAbout, takeExport, turnPages } from './questions.js';
import { stockEntries, stockEvents } from './stock.js';

export interface ReportsMeasured {
  readonly machine: Machine;
  readonly entries: number;
  readonly events: number;
  readonly stock: Projected;
  readonly fillSeconds: number;
  readonly indexSeconds: number;
  readonly gigabytes: number;
  readonly alone: readonly Asked[];
  readonly paged: Paged;
  readonly exported: Readonly<Record<'csv' | 'jsonl', Exported>>;
  /** While a first cycle is projected. */
  readonly meanwhile: readonly Asked[];
  readonly projectedMeanwhile: Projected;
}

const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
const exportSeconds = 15;
const newcomers = 30_000;

/**
 * Fills read models and asks them.
 * @throws BenchError at the first answer that cannot be right
 */
export async function runReports(
  options: ReportsOptions,
  teardown: Teardown,
  say: (line: string) => void,
  onLoss: (error: BenchError) => void,
): Promise<ReportsMeasured> {
  const load = loadNow();
  say('starting servers');
  const world = await World.open(options, teardown, onLoss);
  const machine = describeMachine(world, load);
  const dataSource = await openAndMigrate({ url: world.postgres.url, poolSize: 1, applicationName: 'bench' });
  teardown.add(() => dataSource.destroy());
  const connection = (await dataSource.createQueryRunner().connect()) as Connection;

  say(`the stock, ${stockEntries} entries, through the projector`);
  const startedAt = new Date(Date.now() - yearMs).toISOString();
  const stock = await project(connection, stockEvents(startedAt));
  say('starting report-api, and a try of everything');
  await world.startServices(['report-api']);
  const yesterday = (Math.floor(Date.now() / dayMs) - 1) * dayMs;
  await askAll(
    world.apiUrl,
    questionsAbout(1, yesterday).map((question) => ({ ...question, times: 1 })),
  );
  for (const format of ['csv', 'jsonl']) await takeExport(world.apiUrl, `format=${format}`, 1);
  const copies = copiesFor(options.entries);
  say(`${copies * stockEntries} entries, copied from it`);
  await setIndexesAside(connection);
  const onProgress = (done: number): void => void (done % 50 === 0 && say(`  ${done} of ${copies}`));
  const [filled, fillSeconds] = await timed(() => multiply(connection, { copies, startedAt, onProgress }));
  say('indexes');
  const [, indexSeconds] = await timed(() => restoreIndexes(connection));
  await connection.query('checkpoint');
  const { rows } = await connection.query<{ gigabytes: number }>('select pg_database_size(current_database())::float8 / 1e9 as gigabytes');

  const questions = questionsAbout(filled.blocks, yesterday);
  say('questions');
  const alone = await askAll(world.apiUrl, questions);
  const paged = await turnPages(world.apiUrl, 400);
  say('export');
  const exported = {
    csv: await takeExport(world.apiUrl, 'format=csv', exportSeconds),
    jsonl: await takeExport(world.apiUrl, 'format=jsonl', exportSeconds),
  };

  say('questions while a first cycle is projected');
  const projecting = world.program('projecting', 'projecting', [world.postgres.url, String(newcomers), String(filled.events)]);
  await projecting.ready();
  const projected = projecting.ask<Projected>('project', 600_000);
  const meanwhile = await askAll(world.apiUrl, questions);
  const projectedMeanwhile = await projected;
  return {
    machine,
    entries: copies * stockEntries,
    events: filled.events,
    stock,
    fillSeconds,
    indexSeconds,
    gigabytes: rows[0]!.gigabytes,
    alone,
    paged,
    exported,
    meanwhile,
    projectedMeanwhile,
  };
}

async function timed<Answer>(work: () => Promise<Answer>): Promise<[answer: Answer, seconds: number]> {
  const begin = performance.now();
  const answer = await work();
  return [answer, (performance.now() - begin) / 1000];
}
