import type { BenchError } from '../bench-error.js';
import type { Teardown } from '../process/teardown.js';
import { describeMachine, loadNow, type Machine } from '../report/machine.js';
import { World } from '../world.js';
import { dayMs, fillReadModels } from './fill.js';
import type { ReportsOptions } from './options.js';
import type { Projected } from './project.js';
import { askAll, type Asked, type Exported, type Paged, questionsAbout, takeExport, turnPages } from './questions.js';

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
  const yesterday = (Math.floor(Date.now() / dayMs) - 1) * dayMs;
  const filled = await fillReadModels(world, teardown, {
    entries: options.entries,
    stays: options.data !== undefined,
    say,
    async beforeCopies() {
      say('starting report-api, and a try of everything');
      await world.startServices(['report-api']);
      await askAll(
        world.apiUrl,
        questionsAbout(1, yesterday).map((question) => ({ ...question, times: 1 })),
      );
      for (const format of ['csv', 'jsonl']) await takeExport(world.apiUrl, `format=${format}`, 1);
    },
  });

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
  const { entries, events, stock, fillSeconds, indexSeconds, gigabytes } = filled;
  return {
    machine,
    entries,
    events,
    stock,
    fillSeconds,
    indexSeconds,
    gigabytes,
    alone,
    paged,
    exported,
    meanwhile,
    projectedMeanwhile,
  };
}
