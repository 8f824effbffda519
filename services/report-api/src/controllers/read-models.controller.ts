import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { apiPaths, CheckReadModels, type CommandAnswer, FindReadModelCheck, ReadModelCheckView } from '@provident/contracts';
import { NotFound } from '@provident/report';
import type { z } from 'zod';

import { orderedBy } from '../access/caller.js';
import { CommandRefused } from '../http/error-answer.js';
import { parsedBody } from '../http/parsed.pipe.js';
import { Commands } from '../ports.js';

const CheckOrder = CheckReadModels.schema.pick({ kind: true });
type CheckOrder = z.infer<typeof CheckOrder>;

/** Lets the read models be compared with the log, or be built anew from it. */
@Controller()
export class ReadModelsController {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  @Post(apiPaths.readModelChecks)
  @HttpCode(202)
  async check(@Body(parsedBody(CheckOrder)) { kind }: CheckOrder): Promise<CommandAnswer> {
    const answer = await this.commands.send(CheckReadModels, { kind, by: orderedBy() });
    if (!answer.ok) throw new CommandRefused(answer);
    return answer;
  }

  @Get(apiPaths.readModelCheck)
  async find(@Param('checkId') checkId: string): Promise<ReadModelCheckView> {
    const { ok, message, result } = await this.commands.send(FindReadModelCheck, { checkId });
    if (!ok) throw new NotFound(message);
    return ReadModelCheckView.parse(result['check']);
  }
}
