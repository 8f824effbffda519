import { randomUUID } from 'node:crypto';

import { type EventLog, StaleWriter } from '@provident/bus';
import { accessLane, type EventDefinition, installationId, subjectOf } from '@provident/contracts';

import { AdministrationLog } from '../ports.js';

const stage = 'report-api';
const subject = subjectOf(installationId, accessLane, stage);

/** Puts it into the log, beside what the pipeline says. */
export class EventAdministrationLog extends AdministrationLog {
  constructor(
    private readonly log: EventLog,
    private readonly now: () => Date = () => new Date(),
  ) {
    super();
  }

  async tell<Data>(definition: EventDefinition<string, Data>, data: Data): Promise<void> {
    const event = {
      jobId: installationId,
      lane: accessLane,
      stage,
      definition: definition as EventDefinition,
      id: randomUUID(),
      at: this.now().toISOString(),
      cause: 0,
      position: 0,
      about: installationId,
      data,
    } as const;
    for (;;) {
      const last = (await this.log.findLast(subject))?.sequence ?? 0;
      try {
        await this.log.append([event], new Map([[subject, last]]));
        return;
      } catch (error) {
        if (!(error instanceof StaleWriter)) throw error; // another instance told something at the same time: behind that
      }
    }
  }
}
