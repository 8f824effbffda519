import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import {
  type CommandAnswer,
  type ConnectionPageView,
  ConnectionsQuery,
  connectionPaths,
  RemoveConnection,
  RemoveConnectionOrder,
  RepairConnection,
  RepairConnectionOrder,
} from '@provident/contracts';
import { assertJob, listConnections } from '@provident/report';
import type { z } from 'zod';

import { orderedBy } from '../access/caller.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody, parsedQuery } from '../http/parsed.pipe.js';
import { PositionInterceptor } from '../http/position.interceptor.js';
import { type Command, Commands } from '../ports.js';
import { READ_MODELS, type ReadModels } from '../tokens.js';

/** Which object is linked to which account; a link that is wrong can be taken away, or set to another account. */
@Controller()
@UseInterceptors(PositionInterceptor)
export class ConnectionsController {
  constructor(
    @Inject(READ_MODELS) private readonly models: ReadModels,
    @Inject(Commands) private readonly commands: Commands,
  ) {}

  @Get(connectionPaths.connections)
  async connections(
    @Param('jobId') jobId: string,
    @Query(parsedQuery(ConnectionsQuery)) asked: ConnectionsQuery,
  ): Promise<ConnectionPageView> {
    await assertJob(this.models, jobId);
    return listConnections(this.models, { ...asked, jobId });
  }

  @Post(connectionPaths.remove)
  @HttpCode(200)
  async remove(
    @Param('jobId') jobId: string,
    @Body(parsedBody(RemoveConnectionOrder)) subject: RemoveConnectionOrder,
  ): Promise<CommandAnswer> {
    await assertJob(this.models, jobId);
    return this.order(RemoveConnection, { jobId, subject, by: orderedBy() });
  }

  @Post(connectionPaths.repair)
  @HttpCode(200)
  async repair(
    @Param('jobId') jobId: string,
    @Body(parsedBody(RepairConnectionOrder)) { to, ...subject }: RepairConnectionOrder,
  ): Promise<CommandAnswer> {
    await assertJob(this.models, jobId);
    return this.order(RepairConnection, { jobId, subject, to, by: orderedBy() });
  }

  private async order<Schema extends z.ZodType>(command: Command<Schema>, payload: z.input<Schema>): Promise<CommandAnswer> {
    const answer = await this.commands.send(command, payload);
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }
}
