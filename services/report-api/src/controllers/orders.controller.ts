import { Body, Controller, Delete, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  ApplyJob,
  ApplyOrder,
  apiPaths,
  type CommandAnswer,
  DemandOrder,
  EmptyOrder,
  JobDraft,
  OnDemandView,
  PauseJob,
  ProvisionOnDemand,
  RemoveJob,
  RestartJob,
  RestartOrder,
  RunJob,
  RunOrder,
  StartJob,
  StopJob,
  ValidateJob,
} from '@provident/contracts';
import type { z } from 'zod';

import { BadRequest } from '../http/bad-request.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { type Command, Commands } from '../ports.js';
import { BASE_DIR } from '../tokens.js';
import { orderedBy } from '../access/caller.js';
import { Connections } from '../access/connections.js';

/** Turns what administrators want into commands to the service that owns the jobs. */
@Controller()
export class OrdersController {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(BASE_DIR) private readonly baseDir: string,
    @Inject(Connections) private readonly connections: Connections,
  ) {}

  /** Problems of a job file are the answer here, not an error. */
  @Post(apiPaths.validate)
  @HttpCode(200)
  async validate(@Body(parsedBody(JobDraft)) draft: JobDraft): Promise<CommandAnswer> {
    const answer = await this.commands.send(ValidateJob, this.job(draft));
    await this.connections.recordChecked(draft.definition, answer);
    return answer;
  }

  @Post(apiPaths.jobs)
  @HttpCode(200)
  apply(@Body(parsedBody(ApplyOrder)) draft: ApplyOrder): Promise<CommandAnswer> {
    return this.order(ApplyJob, { ...this.job(draft), links: draft.links, revision: draft.revision, by: orderedBy() });
  }

  @Post(apiPaths.run)
  @HttpCode(202)
  run(@Param('jobId') jobId: string, @Body(parsedBody(RunOrder)) { fresh, drift }: RunOrder): Promise<CommandAnswer> {
    return this.order(RunJob, { jobId, fresh, drift, by: orderedBy() });
  }

  @Post(apiPaths.start)
  @HttpCode(200)
  start(@Param('jobId') jobId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    return this.order(StartJob, { jobId, by: orderedBy() });
  }

  @Post(apiPaths.pause)
  @HttpCode(200)
  pause(@Param('jobId') jobId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    return this.order(PauseJob, { jobId, by: orderedBy() });
  }

  @Post(apiPaths.restart)
  @HttpCode(200)
  restart(@Param('jobId') jobId: string, @Body(parsedBody(RestartOrder)) { scopes }: RestartOrder): Promise<CommandAnswer> {
    return this.order(RestartJob, { jobId, scopes, by: orderedBy() });
  }

  @Post(apiPaths.stop)
  @HttpCode(200)
  stop(@Param('jobId') jobId: string, @Body(parsedBody(EmptyOrder)) _order: object): Promise<CommandAnswer> {
    return this.order(StopJob, { jobId, by: orderedBy() });
  }

  @Delete(apiPaths.job)
  @HttpCode(200)
  remove(@Param('jobId') jobId: string): Promise<CommandAnswer> {
    return this.order(RemoveJob, { jobId, by: orderedBy() });
  }

  @Post(apiPaths.provisionOnDemand)
  @HttpCode(200)
  async provision(@Param('jobId') jobId: string, @Body(parsedBody(DemandOrder)) order: DemandOrder): Promise<OnDemandView> {
    const { result } = await this.order(ProvisionOnDemand, { jobId, ...order, by: orderedBy() });
    return OnDemandView.parse(result);
  }

  private async order<Schema extends z.ZodType>(command: Command<Schema>, payload: z.input<Schema>): Promise<CommandAnswer> {
    const answer = await this.commands.send(command, payload);
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }

  private job({ definition, baseDir = this.baseDir }: JobDraft): { definition: unknown; baseDir: string } {
    if (definition === undefined)
      throw new BadRequest('member "definition": the job file, parsed, is missing', [{ path: ['definition'], message: 'is missing' }]);
    return { definition, baseDir };
  }
}
