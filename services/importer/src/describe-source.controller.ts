import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ConnectorOpeners, type SystemDescription } from '@provident/connectors';
import { DescribeSystem } from '@provident/contracts';
import { BaseDir, describeOpened } from '@provident/service-kit';

/** Tells the scheduler what a source looks like, so that a job file can be checked before anything runs. */
@Controller()
export class DescribeSourceController {
  constructor(
    private readonly baseDir: BaseDir,
    private readonly open: ConnectorOpeners,
  ) {}

  @MessagePattern(DescribeSystem.source.subject)
  async describe(@Payload() payload: unknown): Promise<unknown> {
    const { connector, config, baseDir, groups = [] } = DescribeSystem.source.schema.parse(payload);
    const missingGroups: string[] = [];
    const described = await describeOpened<SystemDescription>(async () => {
      const source = await this.open.source(
        { connector, config },
        { baseDir: this.baseDir.for(baseDir), readOnly: true, timeoutMs: 10_000 },
      );
      return {
        describe: async (signal) => {
          const description = await source.describe(signal);
          for (const group of groups) if (!(await source.find('group', group, [], signal))) missingGroups.push(group);
          return description;
        },
        close: () => source.close(),
      };
    });
    return described.ok ? { ...described, missingGroups } : described;
  }
}
