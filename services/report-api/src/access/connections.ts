import { Inject, Injectable } from '@nestjs/common';
import {
  type CommandAnswer,
  ConnectionTested,
  ConnectionTestView,
  installationId,
  SystemOfJob,
  TestConnection,
} from '@provident/contracts';
import type { JobId } from '@provident/domain';
import { getConfiguration, isJob } from '@provident/report';
import { z } from 'zod';

import { CommandRefused } from '../http/error-answer.js';
import { Commands } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { AccessLog } from './access-log.js';
import { orderedBy } from './caller.js';

const Asked = z.array(z.object({ system: SystemOfJob, connector: z.string(), ok: z.boolean(), message: z.string() }));

/** Has systems asked whether they let us in. Whoever does so shows the secrets of a job, and is on record with what came of it. */
@Injectable()
export class Connections {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(AccessLog) private readonly log: Pick<AccessLog, 'record'>,
  ) {}

  /** As the job is applied. @throws NotFound, CommandRefused, CommandUnanswered */
  async test(jobId: string, system: SystemOfJob): Promise<ConnectionTestView> {
    const { definition, baseDir } = await getConfiguration(this.models, jobId);
    const answer = await this.commands.send(TestConnection, { definition, baseDir, system });
    if (!answer.ok) throw new CommandRefused(answer);
    const tested = ConnectionTestView.parse(answer.result);
    await this.record(jobId as JobId, 'applied', { ...tested, connector: definition[system].connector });
    return tested;
  }

  /** Systems that were asked while a job file was checked. */
  async recordChecked(definition: unknown, { result }: CommandAnswer): Promise<void> {
    const asked = Asked.safeParse(result['asked']);
    if (!asked.success || asked.data.length === 0) return;
    const named = z.object({ job: z.string() }).safeParse(definition);
    const jobId = named.success && (await isJob(this.models, named.data.job)) ? (named.data.job as JobId) : installationId;
    for (const each of asked.data) await this.record(jobId, 'checked', each);
  }

  private record(
    jobId: JobId,
    rules: 'applied' | 'checked',
    { system, connector, ok, message }: z.infer<typeof Asked>[number],
  ): Promise<void> {
    const said = { system, connector, rules, result: ok ? ('success' as const) : ('failure' as const), message, by: orderedBy() };
    return this.log.record(ConnectionTested, said, jobId);
  }
}
