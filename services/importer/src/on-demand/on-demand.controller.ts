import { setTimeout as sleep } from 'node:timers/promises';

import { type NatsConnection, errors } from '@nats-io/transport-node';
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { JobRegistry } from '@provident/bus';
import { CommandAnswer, ProvisionOnDemand, RemoveConnection, RepairConnection } from '@provident/contracts';

/** Where the instance that imports a job takes requests. */
export const demandSubject = (jobId: string): string => `provident.demand.${jobId}`;
/** Where it takes orders about links. */
export const linkSubject = (jobId: string): string => `provident.link.${jobId}`;

const patienceMs = 10_000;
const againMs = 250;
/** Longer than the importer itself waits for what becomes of the objects. */
const answerMs = 35_000;

export abstract class DemandPorts {
  abstract readonly connection: NatsConnection;
  abstract readonly registry: JobRegistry;
}

const isNobodyThere = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error instanceof errors.RequestError && error.isNoResponders());

const refused = (message: string): CommandAnswer => ({ ok: false, message, issues: [], result: {} });

/** Brings requests about single objects to the instance that imports the job, wherever it runs; waits a while when a takeover is under way. */
@Controller()
export class OnDemandController {
  constructor(private readonly ports: DemandPorts) {}

  @MessagePattern(ProvisionOnDemand.subject)
  provision(@Payload() payload: unknown): Promise<CommandAnswer> {
    const asked = ProvisionOnDemand.schema.parse(payload);
    return this.pass(demandSubject(asked.jobId), asked, 'the provisioning log tells what was done');
  }

  @MessagePattern(RemoveConnection.subject)
  removeConnection(@Payload() payload: unknown): Promise<CommandAnswer> {
    const asked = RemoveConnection.schema.parse(payload);
    return this.pass(linkSubject(asked.jobId), asked, 'ask for the connection to see what was done');
  }

  @MessagePattern(RepairConnection.subject)
  repairConnection(@Payload() payload: unknown): Promise<CommandAnswer> {
    const asked = RepairConnection.schema.parse(payload);
    return this.pass(linkSubject(asked.jobId), asked, 'ask for the connection to see what was done');
  }

  private async pass(subject: string, asked: { readonly jobId: string }, otherwise: string): Promise<CommandAnswer> {
    await this.ports.registry.catchUp(asked.jobId);
    const job = this.ports.registry.find(asked.jobId);
    if (!job || job.state === 'removed') return refused(`there is no job "${asked.jobId}"`);
    for (const until = performance.now() + patienceMs; ; await sleep(againMs)) {
      try {
        const answer = await this.ports.connection.request(subject, JSON.stringify(asked), { timeout: answerMs });
        return CommandAnswer.parse(answer.json());
      } catch (error) {
        // Only when nobody was there to take it: what was taken may have been done, and is not asked for again.
        if (!isNobodyThere(error) || performance.now() > until)
          return refused(`no answer came for job "${asked.jobId}" (${(error as Error).message}); ${otherwise}`);
      }
    }
  }
}
