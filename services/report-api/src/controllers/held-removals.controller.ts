import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  apiPaths,
  type CommandAnswer,
  HeldOrder,
  type HeldPageView,
  HeldQuery,
  RejectRemovals,
  ReleaseRemovals,
} from '@provident/contracts';
import { assertJob, findHeld, listHeld } from '@provident/report';

import { orderedBy } from '../access/caller.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { Commands } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** Removals that wait, by name, and what a person decides about them. */
@Controller()
@UseInterceptors(PositionInterceptor)
export class HeldRemovalsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get(apiPaths.held)
  async held(@Param('jobId') jobId: string, @Query(parsedQuery(HeldQuery)) asked: HeldQuery): Promise<HeldPageView> {
    await assertJob(this.models, jobId);
    return listHeld(this.models, { ...asked, jobId });
  }

  @Post(apiPaths.release)
  @HttpCode(200)
  release(
    @Param('jobId') jobId: string,
    @Param('cycleId') cycleId: string,
    @Body(parsedBody(HeldOrder)) order: HeldOrder,
  ): Promise<CommandAnswer> {
    return this.decide(ReleaseRemovals, jobId, cycleId, order);
  }

  @Post(apiPaths.reject)
  @HttpCode(200)
  reject(
    @Param('jobId') jobId: string,
    @Param('cycleId') cycleId: string,
    @Body(parsedBody(HeldOrder)) order: HeldOrder,
  ): Promise<CommandAnswer> {
    return this.decide(RejectRemovals, jobId, cycleId, order);
  }

  private async decide(
    command: typeof ReleaseRemovals,
    jobId: string,
    cycleId: string,
    { users = [], groups = [] }: HeldOrder,
  ): Promise<CommandAnswer> {
    const named = [...users.map((id) => ({ type: 'user', id }) as const), ...groups.map((id) => ({ type: 'group', id }) as const)];
    const chosen = named.length > 0 ? { chosen: await this.choose(jobId, cycleId, named) } : {};
    const answer = await this.commands.send(command, { jobId, cycleId, ...chosen, by: orderedBy() });
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }

  /** All of those that are named, or nothing: a name that nothing waits for is a mistake. */
  private async choose(jobId: string, cycleId: string, named: readonly { type: 'user' | 'group'; id: string }[]) {
    const counts = new Map<string, number>();
    for (const each of named) {
      const { objectKeys, count } = await findHeld(this.models, jobId, cycleId, each);
      if (objectKeys.length === 0)
        throw refused(`no removal of ${each.type} "${each.id}" is held by cycle ${cycleId} of job ${jobId}: nothing was decided`);
      if (objectKeys.length > 1)
        throw refused(`"${each.id}" stands for more than one ${each.type} (${objectKeys.join(', ')}): give the id in the source`);
      counts.set(objectKeys[0]!, count);
    }
    return { objectKeys: [...counts.keys()] as never[], count: [...counts.values()].reduce((sum, count) => sum + count, 0) };
  }
}

const refused = (message: string): CommandRefused => new CommandRefused({ ok: false, message, issues: [], result: {} });
