import { randomUUID } from 'node:crypto';

import { type Appender, type EventLog, StaleWriter } from '@provident/bus';
import { accessLane, type DataOf, type EventDefinition, installationId, subjectOf } from '@provident/contracts';

const stage = 'report-api';
const subject = subjectOf(installationId, accessLane, stage);
/** Instances write on one subject: as many may be ahead of one. */
const mostAttempts = 20;

/** What an event of the installation says, without whose it is. */
export type Said<Definition> = Omit<DataOf<Definition>, 'jobId'>;

/** Brings to the log what was done to the installation, and who tried to do what they may not. */
export class AccessLog {
  constructor(
    private readonly log: Pick<EventLog, 'findLast'>,
    private readonly appender: Pick<Appender, 'append'>,
    private readonly now: () => Date,
  ) {}

  /** Resolves once it is in the log. */
  async record<Definition extends EventDefinition>(definition: Definition, said: Said<Definition>): Promise<void> {
    const event = {
      jobId: installationId,
      lane: accessLane,
      stage,
      definition,
      id: randomUUID(),
      at: this.now().toISOString(),
      cause: 0,
      position: 0,
      about: installationId,
      data: { ...said, jobId: installationId },
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
