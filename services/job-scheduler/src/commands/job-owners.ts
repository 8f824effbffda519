import type { JobRegistry } from '@provident/bus';
import { CommandAnswer } from '@provident/contracts';
import type { ServicePorts } from '@provident/service-kit';

/** Where the instance that keeps a job takes orders. */
export const ownerSubject = (jobId: string): string => `provident.owner.${jobId}`;

const patienceMs = 15_000;
const againMs = 250;

/** An order to whoever keeps the job: a command's name and its payload. */
export interface Order {
  readonly name: 'apply' | 'run' | 'pause' | 'stop' | 'restart' | 'start' | 'release' | 'reject' | 'retry' | 'remove';
  readonly payload: unknown;
}

/** Brings orders to the instance that keeps a job, wherever it runs; waits a while when a takeover is under way. */
export class JobOwners {
  constructor(private readonly ports: ServicePorts) {}

  async order(jobId: string, order: Order): Promise<CommandAnswer> {
    const { connection, registry } = this.ports;
    await registry.catchUp(jobId);
    if (!registry.find(jobId)) return refused(noSuchJob(jobId, registry));
    for (const until = performance.now() + patienceMs; ; ) {
      if (registry.find(jobId)?.state === 'removed') return refusedIn('deleted', wasDeleted(jobId));
      try {
        const answer = await connection.request(ownerSubject(jobId), JSON.stringify(order), { timeout: patienceMs });
        return CommandAnswer.parse(answer.json());
      } catch (error) {
        if (performance.now() > until)
          return refused(`nobody keeps job "${jobId}" at the moment: is a job-scheduler running? (${(error as Error).message})`);
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }
}

export const noSuchJob = (jobId: string, registry: JobRegistry): string => {
  const known = registry.list().map((each) => each.jobId);
  return `there is no job "${jobId}"; known are: ${known.join(', ') || 'none'}`;
};
/** Not carried out, because of the state that the job is in. */
export const refusedIn = (state: string, message: string): CommandAnswer => ({ ...refused(message), result: { state } });
export const wasDeleted = (jobId: string): string => `job "${jobId}" was deleted; what it did can still be read`;
export const refused = (message: string, issues: CommandAnswer['issues'] = []): CommandAnswer => ({
  ok: false,
  message,
  issues,
  result: {},
});
export const done = (message: string, result: CommandAnswer['result'] = {}): CommandAnswer => ({ ok: true, message, issues: [], result });
