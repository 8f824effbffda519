import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { apiPaths, NoQuery } from '@provident/contracts';
import { Monitor } from '@provident/service-kit';

import { parsedQuery } from '../http/parsed.pipe.js';

@Controller()
export class MetricsController {
  constructor(@Inject(Monitor) private readonly monitor: Monitor) {}

  @Get(apiPaths.metrics)
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metrics(@Query(parsedQuery(NoQuery)) _query: object): Promise<string> {
    return this.monitor.registry.metrics();
  }
}
