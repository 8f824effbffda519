import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  ApplyJob,
  type CommandAnswer,
  DescribeJobSystems,
  PauseJob,
  RejectRemovals,
  ReleaseRemovals,
  RemoveJob,
  RestartJob,
  RunJob,
  StartJob,
  StopJob,
  TestConnection,
  ValidateJob,
  SimulateJob,
  RetryEscrows,
} from '@provident/contracts';

import { JobFiles } from './job-files.js';
import { JobOwners } from './job-owners.js';
import { SimulationOrders } from './simulation-orders.js';

/** Takes the commands of administrators, from whichever instance of report-api they come. */
@Controller()
export class JobCommandsController {
  constructor(
    private readonly files: JobFiles,
    private readonly owners: JobOwners,
    private readonly simulations: SimulationOrders,
  ) {}

  @MessagePattern(ValidateJob.subject)
  validate(@Payload() payload: unknown): Promise<CommandAnswer> {
    const { definition, baseDir } = ValidateJob.schema.parse(payload);
    return this.files.validate(definition, baseDir);
  }

  @MessagePattern(TestConnection.subject)
  test(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.files.test(TestConnection.schema.parse(payload));
  }

  @MessagePattern(DescribeJobSystems.subject)
  systems(@Payload() payload: unknown): Promise<CommandAnswer> {
    const { definition, baseDir } = DescribeJobSystems.schema.parse(payload);
    return this.files.systems(definition, baseDir);
  }

  @MessagePattern(ApplyJob.subject)
  apply(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.files.apply(ApplyJob.schema.parse(payload), this.owners);
  }

  @MessagePattern(RunJob.subject)
  run(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(RunJob.schema.parse(payload).jobId, { name: 'run', payload });
  }

  @MessagePattern(PauseJob.subject)
  pause(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(PauseJob.schema.parse(payload).jobId, { name: 'pause', payload });
  }

  @MessagePattern(StopJob.subject)
  stop(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(StopJob.schema.parse(payload).jobId, { name: 'stop', payload });
  }

  @MessagePattern(RemoveJob.subject)
  remove(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(RemoveJob.schema.parse(payload).jobId, { name: 'remove', payload });
  }

  @MessagePattern(RestartJob.subject)
  restart(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(RestartJob.schema.parse(payload).jobId, { name: 'restart', payload });
  }

  @MessagePattern(StartJob.subject)
  start(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(StartJob.schema.parse(payload).jobId, { name: 'start', payload });
  }

  @MessagePattern(RetryEscrows.subject)
  retry(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(RetryEscrows.schema.parse(payload).jobId, { name: 'retry', payload });
  }

  @MessagePattern(ReleaseRemovals.subject)
  release(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(ReleaseRemovals.schema.parse(payload).jobId, { name: 'release', payload });
  }

  @MessagePattern(RejectRemovals.subject)
  reject(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.owners.order(RejectRemovals.schema.parse(payload).jobId, { name: 'reject', payload });
  }

  @MessagePattern(SimulateJob.subject)
  simulate(@Payload() payload: unknown): Promise<CommandAnswer> {
    return this.simulations.simulate(SimulateJob.schema.parse(payload));
  }
}
