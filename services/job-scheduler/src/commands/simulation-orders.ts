import { randomUUID } from 'node:crypto';

import { CommandAnswer, SimulateJob, StartSimulation } from '@provident/contracts';
import { type JobDefinition, canonicalJson, simulationIdAt } from '@provident/domain';
import type { ServicePorts } from '@provident/service-kit';
import type { z } from 'zod';

import type { JobFiles } from './job-files.js';
import { noSuchJob, refused } from './job-owners.js';

type SimulateJob = z.infer<typeof SimulateJob.schema>;
interface Rules {
  readonly definition: JobDefinition;
  readonly baseDir: string;
}

const startTimeoutMs = 20_000;

/** Turns the wish to simulate into an order to an importer, once it is clear under which rules. Nothing of it is a fact of the job, so that its keeper is not asked. */
export class SimulationOrders {
  constructor(
    private readonly ports: ServicePorts,
    private readonly files: JobFiles,
  ) {}

  async simulate({ jobId, draft, compare, by }: SimulateJob): Promise<CommandAnswer> {
    const { registry, now } = this.ports;
    const checked = draft && (await this.files.check(draft.definition, draft.baseDir));
    if (checked && (!checked.definition || checked.issues.length > 0))
      return {
        ...refused(`${checked.issues.length} problem(s) in the job file: nothing was simulated`, checked.issues),
        result: { notes: checked.notes },
      };
    const file = draft && checked?.definition ? { definition: checked.definition, baseDir: draft.baseDir } : null;
    const job = jobId ?? file?.definition.job;
    if (job === undefined) return refused('name a job, or give a job file');
    if (file && file.definition.job !== job)
      return refused(`the file is about job "${file.definition.job}", not "${job}": change its "job", or simulate the file alone`);
    await registry.catchUp(job);
    const known = registry.find(job);
    const applied = known && known.state !== 'removed' ? known : null;
    if (!applied && (file === null || jobId !== null || compare)) return refused(noSuchJob(job, registry));
    const current = applied && { definition: applied.configured.definition, baseDir: applied.configured.baseDir };
    const refusal = compare ? whyNotComparable(file, current) : null;
    if (refusal) return refused(refusal);
    const openedAt = now();
    const answer = await this.order({
      opened: {
        simulationId: `${simulationIdAt(openedAt)}-${randomUUID().slice(0, 8)}`,
        jobId: job,
        rules: file ? 'file' : 'current',
        comparing: compare,
        revision: applied?.configured.revision ?? null,
        by,
        openedAt: openedAt.toISOString(),
      },
      // The same people are compared: paths start where those of the job do.
      rules: { ...(file ?? current)!, ...(compare && current && { baseDir: current.baseDir }) },
      current: compare ? current : null,
    });
    return { ...answer, result: { ...answer.result, notes: checked?.notes ?? [] } };
  }

  private async order(payload: StartSimulation): Promise<CommandAnswer> {
    const { subject } = StartSimulation;
    try {
      const request = JSON.stringify({ id: '1', pattern: subject, data: payload });
      const message = await this.ports.connection.request(subject, request, { timeout: startTimeoutMs });
      return CommandAnswer.parse(message.json<{ response?: unknown }>().response);
    } catch (error) {
      return refused(`no importer took the simulation: ${(error as Error).message}; is one running?`);
    }
  }
}

/** Rules are compared over the same people and the same accounts. */
function whyNotComparable(file: Rules | null, current: Rules | null): string | null {
  if (!file || !current) return 'give a job file to compare with the rules that apply';
  for (const side of ['source', 'target'] as const) {
    if (systemOf(file, side) !== systemOf(current, side))
      return `the file names another ${side} than the job: only rules over the same people and accounts can be compared`;
  }
  return null;
}

function systemOf({ definition }: Rules, side: 'source' | 'target'): string {
  const { connector, config } = definition[side];
  const [object] = definition.objects;
  return canonicalJson([connector, config, object![side], object!.type]);
}
