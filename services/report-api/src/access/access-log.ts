import { randomUUID } from 'node:crypto';

import { type Appender, type EventLog, StaleWriter } from '@provident/bus';
import { accessLane, type DataOf, type EventDefinition, installationId, subjectOf } from '@provident/contracts';
import type { JobId } from '@provident/domain';

const stage = 'report-api';
/** Instances write on one subject: as many may be ahead of one. */
const mostAttempts = 20;

/** What an event says, without whose it is. */
export type Said<Definition> = Omit<DataOf<Definition>, 'jobId'>;

/** Brings to the log what was done to the installation, and who tried to do what they may not. */
export class AccessLog {
  constructor(
    private readonly log: Pick<EventLog, 'findLast'>,
    private readonly appender: Pick<Appender, 'append'>,
    private readonly now: () => Date,
  ) {}

  /** Resolves once it is in the log. @param jobId of whom it is told; of the installation otherwise */
  async record<Definition extends EventDefinition>(
    definition: Definition,
    said: Said<Definition>,
    jobId: JobId = installationId,
  ): Promise<void> {
    const subject = subjectOf(jobId, accessLane, stage);
    const event = {
      jobId,
      lane: accessLane,
      stage,
      definition,
      id: randomUUID(),
      at: this.now().toISOString(),
      cause: 0,
      position: 0,
      about: jobId,
      data: { ...said, jobId },
    } as const;
    for (let attempt = 1; ; attempt++) {
      const last = (await this.log.findLast(subject))?.sequence ?? 0;
      try {
        await this.appender.append([event], new Map([[subject, last]]));
        return;
      } catch (error) {
        if (!(error instanceof StaleWriter) || attempt >= mostAttempts) throw error;
      }
    }
  }
}
