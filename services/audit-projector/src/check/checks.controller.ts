import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CheckReadModels, type CommandAnswer, FindReadModelCheck } from '@provident/contracts';

import { CheckRunner } from './check-runner.js';

/** Takes the orders of administrators about the read models. */
@Controller()
export class ChecksController {
  constructor(private readonly runner: CheckRunner) {}

  @MessagePattern(CheckReadModels.subject)
  check(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.runner.start(CheckReadModels.schema.parse(payload));
  }

  @MessagePattern(FindReadModelCheck.subject)
  find(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.runner.find(FindReadModelCheck.schema.parse(payload).checkId);
  }
}
