import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { ConnectorOpeners } from '@provident/connectors';
import { ProbeTarget } from '@provident/contracts';
import { BaseDir, describeOpened } from '@provident/service-kit';

/** Tells the scheduler whether a target lets us in, by counting its objects: cheap, and nothing is read of anybody. */
@Controller()
export class ProbeTargetController {
  constructor(
    private readonly baseDir: BaseDir,
    private readonly open: ConnectorOpeners,
  ) {}

  @MessagePattern(ProbeTarget.subject)
  probe(@Payload() payload: unknown): Promise<unknown> {
    const { connector, config, baseDir, objectType } = ProbeTarget.schema.parse(payload);
    return describeOpened(async () => {
      const options = { baseDir: this.baseDir.for(baseDir), readOnly: true, timeoutMs: 10_000 };
      const target = await this.open.target({ connector, config }, options);
      return { describe: (signal) => target.count(objectType, signal), close: () => target.close() };
    });
  }
}
