import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  type CausesView,
  type CommandAnswer,
  type EscrowPageView,
  EscrowsQuery,
  escrowPaths,
  NoQuery,
  type QuarantinesView,
  RetryEscrows,
  RetryOrder,
  type RetryScope,
} from '@provident/contracts';
import { assertJob, countEscrows, findEscrowed, listCauses, listEscrows, listQuarantines } from '@provident/report';

import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { BadRequest } from '../http/bad-request.js';
import { Commands } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';
import { orderedBy } from '../access/caller.js';

/** What failed and is kept, why, and how to have it tried again; and when a job was in quarantine. */
@Controller()
@UseInterceptors(PositionInterceptor)
export class EscrowsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get(escrowPaths.escrows)
  async escrows(
    @Param('jobId') jobId: string,
    @Query(parsedQuery(EscrowsQuery)) { cause, ...asked }: EscrowsQuery,
  ): Promise<EscrowPageView> {
    await assertJob(this.models, jobId);
    return listEscrows(this.models, { ...asked, jobId, causeId: cause });
  }

  @Get(escrowPaths.causes)
  async causes(@Param('jobId') jobId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<CausesView> {
    await assertJob(this.models, jobId);
    return { causes: await listCauses(this.models, jobId) };
  }

  @Get(escrowPaths.quarantines)
  async quarantines(@Param('jobId') jobId: string, @Query(parsedQuery(NoQuery)) _query: object): Promise<QuarantinesView> {
    await assertJob(this.models, jobId);
    return listQuarantines(this.models, jobId);
  }

  @Post(escrowPaths.retry)
  @HttpCode(202)
  async retry(@Param('jobId') jobId: string, @Body(parsedBody(RetryOrder)) order: RetryOrder): Promise<CommandAnswer> {
    await assertJob(this.models, jobId);
    const { scope, count } = await this.scopeOf(jobId, order);
    const answer = await this.commands.send(RetryEscrows, { jobId, scope, by: orderedBy() });
    if (!answer.ok) throw new CommandRefused(answer);
    return { ...answer, message: `${count} object(s): ${answer.message}`, result: { ...answer.result, count } };
  }

  private async scopeOf(jobId: string, { user, cause, all }: RetryOrder): Promise<{ scope: RetryScope; count: number }> {
    if ([user, cause, all].filter((each) => each !== undefined && each !== false).length !== 1)
      throw new BadRequest('give one of "user", "cause" and "all"');
    if (user !== undefined) {
      const objectKeys = await findEscrowed(this.models, jobId, user);
      if (objectKeys.length === 0) throw refused(`nobody by "${user}" has failed in job ${jobId}: there is nothing to try again`);
      return { scope: { kind: 'objects', objectKeys }, count: objectKeys.length };
    }
    const count = await countEscrows(this.models, jobId, cause ?? null);
    if (count === 0)
      throw refused(cause === undefined ? `nothing has failed in job ${jobId}` : `nobody fails for cause "${cause}" in job ${jobId}`);
    return { scope: cause === undefined ? { kind: 'all' } : { kind: 'cause', causeId: cause }, count };
  }
}

const refused = (message: string): CommandRefused => new CommandRefused({ ok: false, message, issues: [], result: {} });
