import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { type CommandAnswer, StartSimulation } from '@provident/contracts';

import { Simulations } from './simulations.js';

/** Takes orders to simulate; their job files were checked by the scheduler. */
@Controller()
export class SimulationsController {
  constructor(private readonly simulations: Simulations) {}

  @MessagePattern(StartSimulation.subject)
  start(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.simulations.start(StartSimulation.schema.parse(payload));
  }
}
