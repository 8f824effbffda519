import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ConnectorOpeners, type SystemDescription } from '@provident/connectors';
import { DescribeSystem } from '@provident/contracts';
import { BaseDir, describeOpened } from '@provident/service-kit';

/** Tells the scheduler what a target looks like, so that a job file can be checked before anything runs. */
@Controller()
export class DescribeTargetController {
  constructor(
    private readonly baseDir: BaseDir,
    private readonly open: ConnectorOpeners,
  ) {}

  @MessagePattern(DescribeSystem.target.subject)
  describe(@Payload() payload: unknown): Promise<unknown> {
    const { connector, config, baseDir } = DescribeSystem.target.schema.parse(payload);
    return describeOpened<SystemDescription>(() =>
      this.open.target({ connector, config }, { baseDir: this.baseDir.for(baseDir), readOnly: true, timeoutMs: 10_000 }),
    );
  }
}
